import { createBrowserRouter } from 'react-router';
import { Broken, NotFound } from './base/lost.js';
import { Consents } from './mine/consents.js';
import { Held } from './mine/held.js';
import { History } from './mine/history.js';
import { Looks } from './mine/looks.js';
import { Mine } from './mine/mine.js';
import { OwnRequests } from './mine/own-requests.js';
import { Recipients } from './mine/recipients.js';
import { FindRequest } from './request/find.js';
import { RequestPage } from './request/request.js';
import { RightPage } from './rights/right.js';
import { Rights } from './rights/rights.js';
import { NoticePage } from './notice/notice.js';
import { Shell } from './shell.js';
import { Start } from './start/start.js';

export const newRouter = () =>
  createBrowserRouter(
    [
      {
        element: <Shell />,
        children: [
          {
            errorElement: <Broken />,
            children: [
              { index: true, element: <Start /> },
              { path: 'rights', element: <Rights /> },
              { path: 'rights/:right', element: <RightPage /> },
              { path: 'request', element: <FindRequest /> },
              { path: 'request/:id', element: <RequestPage /> },
              { path: 'notice', element: <NoticePage /> },
              {
                element: <Mine />,
                children: [
                  { path: 'consents', element: <Consents /> },
                  { path: 'requests', element: <OwnRequests /> },
                  { path: 'held', element: <Held /> },
                  { path: 'recipients', element: <Recipients /> },
                  { path: 'history', element: <History /> },
                  { path: 'looks', element: <Looks /> },
                ],
              },
              { path: '*', element: <NotFound /> },
            ],
          },
        ],
      },
    ],
    { basename: '/privacy' },
  );
