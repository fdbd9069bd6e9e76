// `node --conditions=attesta-source --import ./scripts/ts-sources.mjs script.mjs`: runs TypeScript sources of the workspace without building them.
import { register } from 'node:module';

register('./ts-sources-hooks.mjs', import.meta.url);
