import { Route, Routes } from 'react-router';
import { BreachList } from './breach-list.js';
import { BreachPage } from './breach-page.js';

export default function Breaches() {
  return (
    <Routes>
      <Route index element={<BreachList />} />
      <Route path=":id" element={<BreachPage />} />
    </Routes>
  );
}
