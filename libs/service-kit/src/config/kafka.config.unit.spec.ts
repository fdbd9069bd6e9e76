import { KafkaConfig, loadConfig, OptionalKafkaConfig } from './index.js';

const load = (env: Record<string, string>) => loadConfig(KafkaConfig, { KAFKA_BROKERS: 'one:9092, two:9092', ...env });

describe('how the brokers are reached', () => {
  it('is plain, without anything set but their names', () => {
    expect(load({}).brokers).toEqual(['one:9092', 'two:9092']);
    expect(load({}).access()).toEqual({ tls: false });
    expect(loadConfig(OptionalKafkaConfig, { KAFKA_BROKERS: '' }).brokers).toBeUndefined();
  });

  it('is over TLS, with authorities and a certificate of our own or without', () => {
    expect(load({ KAFKA_TLS: 'true' }).access()).toEqual({ tls: true });
    expect(load({ KAFKA_TLS_CA: 'ca', KAFKA_TLS_CERT: 'cert', KAFKA_TLS_KEY: 'key' }).access()).toEqual({
      tls: { ca: 'ca', cert: 'cert', key: 'key' },
    });
  });

  it('is with a login, when it is whole', () => {
    const login = { KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_SASL_USERNAME: 'attesta', KAFKA_SASL_PASSWORD: 'secret' };
    expect(load(login).access()).toMatchObject({ sasl: { mechanism: 'scram-sha-512', username: 'attesta', password: 'secret' } });
    expect(() => load({ ...login, KAFKA_SASL_PASSWORD: '' })).toThrow(
      /KAFKA_SASL_MECHANISM: needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD/,
    );
    expect(() => load({ ...login, KAFKA_SASL_MECHANISM: 'gssapi' })).toThrow(/KAFKA_SASL_MECHANISM/);
  });

  it('is not known without brokers', () => {
    expect(() => loadConfig(KafkaConfig, {})).toThrow(/KAFKA_BROKERS: is not set/);
  });
});
