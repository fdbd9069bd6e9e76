import type { AccountDefinition, BrowserClient, ClientDefinition } from '@attesta/service-kit/issuer';

/** Who the local issuer knows: one client per role, and the sample company's internal services with the sources they speak for. */
export const LOCAL_CLIENTS: ClientDefinition[] = [
  { id: 'publisher', roles: ['publisher'], sources: ['//'] },
  { id: 'auditor', roles: ['auditor'], sources: [] },
  { id: 'dpo', roles: ['dpo'], sources: [] },
  { id: 'operator', roles: ['operator'], sources: [] },
  { id: 'subject', roles: ['subject'], sources: [] },
  { id: 'storefront', roles: ['publisher'], sources: ['//storefront.m-med.example'] },
  { id: 'mobile-app', roles: ['publisher'], sources: ['//mobile-app.m-med.example'] },
  { id: 'survey', roles: ['publisher'], sources: ['//survey.m-med.example'] },
  { id: 'support-desk', roles: ['publisher'], sources: ['//support-desk.m-med.example'] },
  { id: 'crm', roles: ['publisher'], sources: ['//crm.m-med.example'] },
  { id: 'consent-service', roles: ['auditor'], sources: ['//attesta/consent'] },
  { id: 'requests-service', roles: ['auditor'], sources: ['//attesta/requests'] },
  { id: 'retention-service', roles: ['auditor'], sources: ['//attesta/retention'] },
  { id: 'notification-service', roles: ['auditor', 'publisher'], sources: ['//attesta/notification'] },
  { id: 'audit-service', roles: ['auditor'], sources: ['//attesta/audit'] },
];

/** Who signs in to the console of the local system. There are two data protection officers, for what takes two people. */
export const LOCAL_ACCOUNTS: AccountDefinition[] = [
  { id: 'dpo', name: 'Data protection officer', roles: ['dpo'] },
  { id: 'dpo-2', name: 'Second data protection officer', roles: ['dpo'] },
  { id: 'auditor', name: 'Auditor', roles: ['auditor'] },
  { id: 'operator', name: 'Operator', roles: ['operator'] },
];

/** The console, served under the same origin as everything else. */
export const consoleClient = (origin: string): BrowserClient => ({
  id: 'attesta-console',
  redirectUris: [`${origin}/console/callback`],
  postLogoutRedirectUris: [`${origin}/console/`],
});
