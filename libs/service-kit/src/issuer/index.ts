import { ROLES } from '../access/principal.js';
import type { ClientDefinition } from './issuer-home.js';

export { issueToken, startIssuer } from './local-issuer.js';
export type { IssueOptions, LocalIssuer, LocalIssuerOptions } from './local-issuer.js';
export { readIssuerHome } from './issuer-home.js';
export type { AccountDefinition, BrowserClient, ClientDefinition, IssuerHome, LocalAccount, LocalClient } from './issuer-home.js';

/** One client per role, named as the role. The publisher among them speaks for nothing: name the sources of real ones with `publisherClient`. */
export const ROLE_CLIENTS: readonly ClientDefinition[] = ROLES.map((role) => ({ id: role, roles: [role] }));

/** A publisher that speaks for one system, such as `publisherClient('storefront', '//storefront.example/')`. */
export const publisherClient = (id: string, ...sources: string[]): ClientDefinition => ({ id, roles: ['publisher'], sources });
