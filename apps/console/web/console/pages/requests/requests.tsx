import { Route, Routes } from 'react-router';
import { MailList } from './mail-list.js';
import { RecordRequest } from './record-request.js';
import { RequestList } from './request-list.js';
import { RequestPage } from './request-page.js';

export default function Requests() {
  return (
    <Routes>
      <Route index element={<RequestList />} />
      <Route path="new" element={<RecordRequest />} />
      <Route path="mail" element={<MailList />} />
      <Route path=":id" element={<RequestPage />} />
    </Routes>
  );
}
