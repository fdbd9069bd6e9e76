export { startStandalone, type Standalone, type StandaloneOptions } from './standalone.js';
export { startDistributed, type Distributed, type DistributedOptions, type ServiceName } from './distributed.js';
export type { Replica } from './supervised.js';
