import { Route, Routes } from 'react-router';
import { FindingList } from './finding-list.js';
import { FindingPage } from './finding-page.js';

export default function Findings() {
  return (
    <Routes>
      <Route index element={<FindingList />} />
      <Route path=":finding" element={<FindingPage />} />
    </Routes>
  );
}
