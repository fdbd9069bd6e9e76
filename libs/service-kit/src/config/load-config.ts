import fs from 'node:fs';
import { validateSync } from 'class-validator';
import type { ValidationError } from 'class-validator';
import { describeConfig } from './variable.js';
import type { ConfigClass, Variable } from './variable.js';

export interface ConfigProblem {
  variable: string;
  message: string;
  fix: string;
  /** It is not set at all. */
  missing?: true;
}

/** Everything wrong with the environment, at once. Values are not repeated: some are secrets. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly problems: ConfigProblem[]) {
    super(
      [
        `${problems.length} environment variable${problems.length === 1 ? ' is' : 's are'} missing or wrong:`,
        ...problems.map(({ variable, message, fix }) => `  ${variable}: ${message}. ${fix}`),
      ].join('\n'),
    );
  }
}

export type Environment = Record<string, string | undefined>;

/**
 * Reads a configuration class from environment variables. `<NAME>_FILE` names a file that holds the value (one trailing
 * newline is dropped). Empty counts as absent; unknown variables are ignored.
 * @throws ConfigError listing all bad variables
 */
export function loadConfig<T extends object>(Class: ConfigClass<T>, env: Environment = process.env): T {
  return loadConfigs([Class], env)[0] as T;
}

/** Several classes at once, so that one error lists the problems of all. */
export function loadConfigs<T extends object[]>(
  classes: { [K in keyof T]: ConfigClass<T[K] & object> },
  env: Environment = process.env,
): T {
  const problems = new Map<string, ConfigProblem>();
  const loaded = (classes as ConfigClass<object>[]).map((Class) => read(Class, env, problems));
  if (problems.size > 0) throw new ConfigError([...problems.values()]);
  return loaded as T;
}

/** What these classes would be refused for. */
export function configProblems(classes: readonly ConfigClass<object>[], env: Environment): ConfigProblem[] {
  const problems = new Map<string, ConfigProblem>();
  for (const Class of classes) read(Class, env, problems);
  return [...problems.values()];
}

function read<T extends object>(Class: ConfigClass<T>, env: Environment, problems: Map<string, ConfigProblem>): T {
  const config = new Class();
  const variables = describeConfig(Class);
  const unusable = new Set<string>();
  for (const variable of variables) {
    try {
      const text = textOf(variable, env);
      if (text !== undefined) Object.assign(config, { [variable.property]: parse(variable, text) });
      else if (!variable.optional) throw new Unusable('is not set', `Set it: ${lowerFirst(variable.about)}`, true);
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      unusable.add(variable.property);
      const { message, fix, missing } = error;
      problems.set(variable.name, { variable: variable.name, message, fix, ...(missing && { missing }) });
    }
  }
  const byProperty = new Map(variables.map((variable) => [variable.property, variable]));
  for (const error of validateSync(config, { skipMissingProperties: true, forbidUnknownValues: false })) {
    const variable = byProperty.get(error.property);
    if (variable && !unusable.has(error.property)) problems.set(variable.name, ofValidation(variable, error));
  }
  return config;
}

class Unusable extends Error {
  constructor(
    message: string,
    readonly fix: string,
    readonly missing?: true,
  ) {
    super(message);
  }
}

function textOf(variable: Variable, env: Environment): string | undefined {
  const direct = env[variable.name];
  const file = env[`${variable.name}_FILE`];
  if (direct && file) throw new Unusable(`is set twice, also as ${variable.name}_FILE`, 'Keep one of the two.');
  if (file) {
    try {
      return fs.readFileSync(file, 'utf8').replace(/\r?\n$/, '') || variable.default;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
      throw new Unusable(`the file named by ${variable.name}_FILE cannot be read (${code})`, 'Name a file this process may read.');
    }
  }
  return direct || variable.default;
}

function parse({ kind, fix }: Variable, text: string): unknown {
  const wrong = (message: string, mend: string) => new Unusable(message, fix ?? mend);
  switch (kind) {
    case 'text':
      return text;
    case 'integer':
      if (!/^-?\d{1,15}$/.test(text)) throw wrong('is not a whole number', 'Write digits only.');
      return Number(text);
    case 'number':
      if (!/^-?\d{1,15}(\.\d{1,15})?$/.test(text)) throw wrong('is not a number', 'Write digits with at most one point.');
      return Number(text);
    case 'boolean':
      if (!/^(true|false|1|0)$/.test(text)) throw wrong('is neither true nor false', 'Write true or false.');
      return text === 'true' || text === '1';
    case 'list':
      return text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
    case 'url':
      if (!URL.canParse(text)) throw wrong('is not a URL', 'Write it with its scheme, such as https://example.com.');
      return text;
  }
}

function ofValidation(variable: Variable, error: ValidationError): ConfigProblem {
  const messages = Object.values(error.constraints ?? {}).map((message) => message.replaceAll(error.property, 'it'));
  return { variable: variable.name, message: messages.join(' and '), fix: variable.fix ?? `It is ${lowerFirst(variable.about)}` };
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
