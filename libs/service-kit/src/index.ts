import { earlyLogLevel, useJsonLogs } from './logging/json-logger.js';

// NestJS's own logger prints whatever it is given: nobody who imports this kit gets it, not even before bootstrap.
useJsonLogs({ service: 'attesta', level: earlyLogLevel(process.env) });

export { bootstrap } from './bootstrap.js';
export type { BootstrapOptions } from './bootstrap.js';
export { runProcess } from './run-process.js';
export { ServiceModule } from './service.module.js';
export type { RootModule } from './service.module.js';

export { Problem, PROBLEM_BASE } from './problems/problem.js';
export type { ProblemInit } from './problems/problem.js';
export { problemFrom } from './problems/problem-from.js';
export { writeProblem } from './problems/problem.filter.js';
export { fieldProblems } from './problems/field-problems.js';

export { CurrentPrincipal, maySpeakFor, Public, Roles, ROLES } from './access/principal.js';
export type { Principal, PrincipalRequest, Role } from './access/principal.js';
export { AttestaServicesOnly } from './access/attesta-services-only.js';
export { DeniedAccess } from './access/denied-access.js';
export type { DeniedListener, DeniedRequest } from './access/denied-access.js';
export { PeopleIssuer, PERSON_TOKEN_S } from './access/people-issuer.js';
export type { PeopleIssuerOptions } from './access/people-issuer.js';
export { TokenVerifier } from './access/token-verifier.js';
export type { TokenVerifierOptions } from './access/token-verifier.js';

export * from './config/index.js';

export * from './metrics/index.js';
export { allParts, Timers } from './timers/timers.js';
export type { TimersOptions } from './timers/timers.js';
export { Pace } from './timers/pace.js';
export { CaughtUp } from './timers/caught-up.js';
export type { CaughtUpOptions } from './timers/caught-up.js';
export { happenedAt, refuseUnsealable } from './command/command.js';
export type { SealableEvent } from './command/command.js';
export { Directory, directoryTables } from './directory/directory.js';
export type { Contacts, ContactsWanted, Erasures, LedgerDirectory } from './directory/directory.js';
export { httpDirectory, httpReplyAddresses } from './directory/http-directory.js';
export { isOnlySubject, OwnPerson } from './directory/own-person.js';
export { ERASURE_TABLES, erasureTables, forgottenAmong, noteForgotten, replayErasures } from './erasures.js';
export type { ErasureReplay, Forgotten } from './erasures.js';
export { UNASKED } from './unasked.js';

export * from './http/fields.js';
export { networkOf } from './http/network.js';
export { Limited } from './http/rate-limits.js';
export type { LimitName, RateLimitSettings } from './http/rate-limits.js';
export { FeedOps } from './ops/feed-ops.js';
export type { OperatedFeed } from './ops/feed-ops.js';
export { accessEvent } from './access/access-event.js';
export type { Access } from './access/access-event.js';
export { AccessRecorder } from './access/access-recorder.js';
export type { AccessRecorderOptions } from './access/access-recorder.js';
export type { RawBodyRoute } from './http/bodies.js';
export { findHostileJson } from './http/hostile-json.js';
export { Readiness } from './health/health.js';
export type { ReadinessCheck } from './health/health.js';
export { JsonLogger, useJsonLogs } from './logging/json-logger.js';
export type { JsonLoggerOptions, LogLevel } from './logging/json-logger.js';
export { openApiDocument } from './open-api.js';
export type { OpenApiOptions } from './open-api.js';
export { currentTraceId, requestContext } from './request-context.js';
export { createPool, databaseAnswers } from './store/pool.js';
export type { PoolOptions } from './store/pool.js';
export { openKeyProvider, type KeyProviderWanted } from './key-provider.js';
export { readPolicy, readPolicySource } from './policy-file.js';
export { readWitnessPolicy } from './witness-policy-file.js';
export { grantToService } from './store/grant.js';
export { runMigrationProcess, type DatabaseUrls } from './store/migrate-process.js';
export { runMigrations } from './store/run-migrations.js';
export type { MigrationClass } from './store/run-migrations.js';
