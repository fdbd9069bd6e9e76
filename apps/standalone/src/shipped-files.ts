import { fileURLToPath } from 'node:url';

/** What comes with Attesta: relative to this file both in src and in dist. */
export const SHIPPED_POLICY = fileURLToPath(new URL('../../../policies/m-med.yaml', import.meta.url));
export const ASYNC_API = fileURLToPath(new URL('../../../docs/events/asyncapi.json', import.meta.url));
const SAMPLE = new URL('../../../libs/postgres-connector/sample/', import.meta.url);
export const STOREFRONT_SQL = fileURLToPath(new URL('storefront.sql', SAMPLE));
export const STOREFRONT_MAPPING = fileURLToPath(new URL('storefront.yaml', SAMPLE));
