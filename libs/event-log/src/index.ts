export { Appender } from './appender.js';
export { CellArray } from './cell-array.js';
export { MAX_ENTRY_BYTES, UNFENCED, type Appended, type Draft } from './draft.js';
export { Integrator, IntegratorFenced } from './integrator.js';
export { sealedLogFunctions, sealedLogGrants, sealedLogTables } from './sealed-log.schema.js';
export { Announcer, frame, listen, SealedLogReader, SEALED_CHANNEL, unframe, type EntrySource, type StoredEntry } from './sealed-log.js';
export {
  ServiceLog,
  serviceLogAppend,
  serviceLogTables,
  SERVICE_LOG_CHANNEL,
  VersionConflict,
  type LoggedEvent,
  type NewEvent,
} from './service-log.js';
export { uuidOf } from './uuid-of.js';
