export { EnvVariable, describeConfig } from './variable.js';
export type { ConfigClass, Variable, VariableKind, VariableOptions } from './variable.js';
export { ConfigError, configProblems, loadConfig, loadConfigs } from './load-config.js';
export type { ConfigProblem, Environment } from './load-config.js';
export { AuthConfig, HttpConfig, LogConfig, TelemetryConfig } from './service.config.js';
export { KafkaConfig, OptionalKafkaConfig } from './kafka.config.js';
export { IsPostgresUrl } from './database.js';
export { configurationMarkdown } from './markdown.js';
export type { ConfigSection } from './markdown.js';
