import './people.css';
import { Route, Routes } from 'react-router';
import { LookUp } from './look-up.js';
import { PersonPage } from './person-page.js';

export default function People() {
  return (
    <Routes>
      <Route index element={<LookUp />} />
      <Route path=":id" element={<PersonPage />} />
    </Routes>
  );
}
