import '../kit/base.css';
import './console.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router/dom';
import { Api } from '../kit/api.js';
import { Provider } from '../kit/provider.js';
import { startWords } from '../kit/words.js';
import { FailedToStart } from './failed-to-start.js';
import { newRouter } from './routes.js';
import { loginAgain, openSession, SessionContext } from './session.js';

startWords();
const root = createRoot(document.getElementById('root')!);
try {
  const session = await openSession();
  const api = new Api(session.token, () => void loginAgain(session.settings));
  root.render(
    <StrictMode>
      <SessionContext value={session}>
        <Provider api={api}>
          <RouterProvider router={newRouter(session)} />
        </Provider>
      </SessionContext>
    </StrictMode>,
  );
} catch (error) {
  root.render(
    <Provider api={new Api(() => undefined)}>
      <FailedToStart error={error} />
    </Provider>,
  );
}
