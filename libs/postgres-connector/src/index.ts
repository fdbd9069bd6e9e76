export { connector } from './connector.js';
export type { Connector, ConnectorOptions, DryRun } from './connector.js';
export { loadMapping } from './load-mapping.js';
export { MappingError } from './mapping.js';
export type { Lookup, MappedColumn, MappedTable, Mapping, MappingProblem } from './mapping.js';
export type { RunStatement } from './person-transaction.js';
