import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { App, ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US.js';
import thTH from 'antd/locale/th_TH.js';
import { useState, type ReactNode } from 'react';
import { ApiContext } from './answers.js';
import { ProblemError, type Api } from './api.js';
import { theme } from './theme.js';
import { useLanguage } from './words.js';

const ONCE_MORE = 1;

const newClient = () =>
  new QueryClient({
    queryCache: new QueryCache(),
    defaultOptions: {
      queries: {
        // A refusal stays one; what is away for a moment is asked for once more.
        retry: (failures, error) =>
          failures < ONCE_MORE && !(error instanceof ProblemError && error.problem.status >= 400 && error.problem.status < 500),
        refetchOnWindowFocus: false,
        staleTime: 5_000,
      },
    },
  });

/** What every page has around it. */
export function Provider({ api, children }: { api: Api; children: ReactNode }) {
  const [client] = useState(newClient);
  const language = useLanguage();
  const nonce = document.querySelector<HTMLMetaElement>('meta[name=csp-nonce]')?.content ?? '';
  return (
    <ConfigProvider theme={theme} csp={{ nonce }} locale={language === 'th' ? thTH : enUS} button={{ autoInsertSpace: false }}>
      <App component={false}>
        <QueryClientProvider client={client}>
          <ApiContext value={api}>{children}</ApiContext>
        </QueryClientProvider>
      </App>
    </ConfigProvider>
  );
}
