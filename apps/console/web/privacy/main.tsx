import '../kit/base.css';
import './privacy.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router/dom';
import { ApiContext } from '../kit/answers.js';
import { Api } from '../kit/api.js';
import { newClient } from '../kit/client.js';
import { startWords } from '../kit/words.js';
import { handedOnLanguage } from './base/handed-on.js';
import { PersonContext, PersonSession } from './base/person.js';
import { newRouter } from './routes.js';

/** What stands around every page; nothing of antd, so that it is quick on a slow telephone. */
function Center() {
  const [client] = useState(newClient);
  const [session] = useState(
    () => new PersonSession(() => client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== '/v1/center' })),
  );
  const [api] = useState(() => new Api(session.token, () => session.end('by-time')));
  const [router] = useState(newRouter);
  return (
    <QueryClientProvider client={client}>
      <ApiContext value={api}>
        <PersonContext value={session}>
          <RouterProvider router={router} />
        </PersonContext>
      </ApiContext>
    </QueryClientProvider>
  );
}

startWords();
handedOnLanguage();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Center />
  </StrictMode>,
);
