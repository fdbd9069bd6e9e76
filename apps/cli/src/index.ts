export { main } from './main.js';
export type { Terminal } from './terminal.js';
export { WRAPPED_COLUMNS } from './wrapped-columns.js';
