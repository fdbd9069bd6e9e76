import { QueryClientProvider } from '@tanstack/react-query';
import { App, ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US.js';
import thTH from 'antd/locale/th_TH.js';
import { useState, type ReactNode } from 'react';
import { ApiContext } from './answers.js';
import type { Api } from './api.js';
import { newClient } from './client.js';
import { theme } from './theme.js';
import { useLanguage } from './words.js';

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
