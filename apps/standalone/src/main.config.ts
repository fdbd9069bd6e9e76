import { fileURLToPath } from 'node:url';
import { EnvVariable, type LogLevel } from '@attesta/service-kit';
import { IsIn, IsInt, Matches, Max, Min } from 'class-validator';

/** The policy that comes with Attesta: relative to this file both in src and in dist. */
export const SHIPPED_POLICY = fileURLToPath(new URL('../../../policies/m-med.yaml', import.meta.url));
export const ASYNC_API = fileURLToPath(new URL('../../../docs/events/asyncapi.json', import.meta.url));

/** The embedded run: everything in one process on a database of its own. */
export class StandaloneConfig {
  @EnvVariable({
    name: 'ATTESTA_HOME',
    default: './.attesta',
    about: 'The data directory of the embedded run: databases, keys and the local issuer.',
  })
  home!: string;

  @EnvVariable({
    name: 'PORT',
    kind: 'integer',
    default: '4000',
    about: 'The TCP port of everything this machine serves; 0 takes a free one.',
  })
  @IsInt()
  @Min(0)
  @Max(65_535)
  port!: number;

  @EnvVariable({ name: 'HOST', default: '0.0.0.0', about: 'The address that is listened on.' })
  host!: string;

  @EnvVariable({ name: 'LOG_LEVEL', default: 'warn', about: 'The least severe level that is logged: debug, info, warn, error or off.' })
  @IsIn(['debug', 'info', 'warn', 'error', 'off'])
  logLevel!: LogLevel;

  @EnvVariable({
    name: 'ATTESTA_ORIGIN',
    default: 'localhost/attesta',
    about: 'The name of this log, first line of every checkpoint; it can never change.',
  })
  @Matches(/^[^\s+]{1,200}$/, { message: 'must be 1 to 200 characters without spaces or plus signs' })
  origin!: string;

  @EnvVariable({ name: 'ATTESTA_POLICY', default: SHIPPED_POLICY, about: 'The policy file: the privacy notice as data.' })
  policy!: string;

  @EnvVariable({
    name: 'ATTESTA_LOG_ENTRIES',
    default: 'auditors',
    about: 'Who may read /log/tile/entries: auditors, or open for everybody.',
  })
  @IsIn(['auditors', 'open'])
  logEntries!: 'auditors' | 'open';
}
