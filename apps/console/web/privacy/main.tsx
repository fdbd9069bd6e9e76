import '../kit/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Api } from '../kit/api.js';
import { Page } from '../kit/parts.js';
import { Provider } from '../kit/provider.js';
import { startWords } from '../kit/words.js';

startWords();
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <Provider api={new Api(() => undefined)}>
      <Page title="Privacy center">{null}</Page>
    </Provider>
  </StrictMode>,
);
