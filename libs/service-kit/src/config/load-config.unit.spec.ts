import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { IsIn, IsInt, Max, MinLength } from 'class-validator';
import {
  AuthConfig,
  ConfigError,
  configurationMarkdown,
  describeConfig,
  EnvVariable,
  HttpConfig,
  loadConfig,
  loadConfigs,
} from './index.js';

class MailConfig {
  @EnvVariable({ name: 'MAIL_HOST', about: 'The host that takes mail.' })
  host!: string;

  @EnvVariable({ name: 'MAIL_PORT', kind: 'integer', default: '25', about: 'The port of that host.' })
  @IsInt()
  @Max(65_535)
  port!: number;

  @EnvVariable({ name: 'MAIL_PASSWORD', secret: true, optional: true, about: 'The password of the sender.' })
  @MinLength(8)
  password?: string;

  @EnvVariable({ name: 'MAIL_TLS', kind: 'boolean', default: 'true', about: 'Whether the connection is encrypted.' })
  tls!: boolean;

  @EnvVariable({ name: 'MAIL_MODE', default: 'queue', about: 'How mail is sent.', fix: 'Write queue or direct.' })
  @IsIn(['queue', 'direct'])
  mode!: string;

  @EnvVariable({ name: 'MAIL_COPIES', kind: 'list', default: '', optional: true, about: 'Who gets copies.' })
  copies?: string[];
}

const failure = (env: Record<string, string>): ConfigError => {
  try {
    loadConfig(MailConfig, env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
  }
  throw new Error('the configuration was accepted');
};

describe('configuration from the environment', () => {
  it('is typed, with defaults for what is absent or empty', () => {
    expect(loadConfig(MailConfig, { MAIL_HOST: 'mail', MAIL_PORT: '', UNKNOWN: 'x' })).toEqual({
      host: 'mail',
      port: 25,
      tls: true,
      mode: 'queue',
      copies: [],
    });
    expect(loadConfig(MailConfig, { MAIL_HOST: 'mail', MAIL_TLS: '0', MAIL_COPIES: 'a, b,' })).toMatchObject({
      tls: false,
      copies: ['a', 'b'],
    });
  });

  it('is refused with all that is wrong at once and how to mend it', () => {
    const { problems, message } = failure({ MAIL_PORT: 'http', MAIL_PASSWORD: 'short', MAIL_TLS: 'maybe', MAIL_MODE: 'pigeon' });
    expect(problems.map(({ variable }) => variable)).toEqual(['MAIL_HOST', 'MAIL_PORT', 'MAIL_TLS', 'MAIL_PASSWORD', 'MAIL_MODE']);
    expect(problems.every(({ fix }) => fix.length > 5)).toBe(true);
    expect(message).toContain('5 environment variables are missing or wrong');
    expect(message).toContain('MAIL_MODE: it must be one of the following values: queue, direct. Write queue or direct.');
  });

  it.each(['-1x', '1e3', '0x10', ' 7', '99999999999999999'])('takes %j for no whole number', (text) => {
    expect(failure({ MAIL_HOST: 'mail', MAIL_PORT: text }).problems).toEqual([expect.objectContaining({ variable: 'MAIL_PORT' })]);
  });

  it('is refused when out of range', () => {
    expect(failure({ MAIL_HOST: 'mail', MAIL_PORT: '70000' }).problems[0]?.message).toBe('it must not be greater than 65535');
  });

  it('repeats no value', () => {
    expect(failure({ MAIL_HOST: 'mail', MAIL_PORT: 'hunter2', MAIL_PASSWORD: 'hunter2' }).message).not.toContain('hunter2');
  });

  it('lists the problems of several classes together', () => {
    expect(() => loadConfigs<[MailConfig, AuthConfig]>([MailConfig, AuthConfig], { AUTH_ISSUER: 'ftp://x' })).toThrow(
      /MAIL_HOST[^]*AUTH_ISSUER/,
    );
  });

  describe('whose secret is in a file', () => {
    const file = path.join(os.tmpdir(), `mail-password-${process.pid}`);
    afterEach(() => fs.rmSync(file, { force: true }));

    it('reads it without its last newline', () => {
      fs.writeFileSync(file, 'correct horse\n');
      expect(loadConfig(MailConfig, { MAIL_HOST: 'mail', MAIL_PASSWORD_FILE: file }).password).toBe('correct horse');
    });
    it('says when the file cannot be read', () => {
      expect(failure({ MAIL_HOST: 'mail', MAIL_PASSWORD_FILE: '/nowhere/at/all' }).problems[0]?.message).toContain('ENOENT');
    });
    it('does not guess which of two values is meant', () => {
      fs.writeFileSync(file, 'correct horse');
      expect(failure({ MAIL_HOST: 'mail', MAIL_PASSWORD: 'battery staple', MAIL_PASSWORD_FILE: file }).problems[0]?.message).toContain(
        'is set twice',
      );
    });
  });

  it('has defaults that are valid themselves', () => {
    expect(loadConfig(HttpConfig, {})).toMatchObject({ port: 4000, requestTimeoutMs: 30_000 });
  });

  it('is described for the reference from the same declaration', () => {
    class WithExtra extends MailConfig {
      @EnvVariable({ name: 'MAIL_EXTRA', optional: true, about: 'One | more.' })
      extra?: string;
    }
    expect(describeConfig(WithExtra).map(({ name }) => name)).toEqual([
      ...describeConfig(MailConfig).map(({ name }) => name),
      'MAIL_EXTRA',
    ]);
    const text = configurationMarkdown([{ title: 'Mail', about: 'Sends.', Class: WithExtra }]);
    expect(text).toContain('| `MAIL_HOST` | text | required | The host that takes mail. |');
    expect(text).toContain(
      '| `MAIL_PASSWORD` | text |  | The password of the sender. (secret; or a file, `MAIL_PASSWORD_FILE`; optional) |',
    );
    expect(text).toContain('One \\| more.');
  });
});
