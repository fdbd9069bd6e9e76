import { Logger } from '@nestjs/common';
import { IsIn, ValidateBy, type ValidationArguments } from 'class-validator';
import { unprotectedBrokers } from './unprotected.js';
import { EnvVariable, type VariableOptions } from './variable.js';

const MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

const BROKERS = {
  name: 'KAFKA_BROKERS',
  kind: 'list',
  about: 'host:port of the Kafka brokers, separated by commas.',
} as const satisfies VariableOptions;

let warned = false;

/** How the brokers are spoken to. */
abstract class KafkaAccess {
  abstract brokers?: string[];

  @EnvVariable({ name: 'KAFKA_TLS', kind: 'boolean', default: 'false', about: "TLS to the brokers with the system's authorities." })
  tls!: boolean;

  @EnvVariable({ name: 'KAFKA_TLS_CA', optional: true, about: 'TLS with these authorities instead, in PEM.' })
  tlsCa?: string;

  @EnvVariable({ name: 'KAFKA_TLS_CERT', optional: true, about: 'The certificate this process shows the brokers, in PEM.' })
  tlsCert?: string;

  @EnvVariable({ name: 'KAFKA_TLS_KEY', optional: true, secret: true, about: 'The private key of that certificate, in PEM.' })
  tlsKey?: string;

  @EnvVariable({ name: 'KAFKA_SASL_MECHANISM', optional: true, about: `How this process logs in: ${MECHANISMS.join(', ')}.` })
  @IsIn(MECHANISMS)
  @ValidateBy(
    { name: 'credentials', validator: { validate: (_, args) => hasCredentials(args) } },
    { message: 'needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD' },
  )
  saslMechanism?: (typeof MECHANISMS)[number];

  @EnvVariable({ name: 'KAFKA_SASL_USERNAME', optional: true, about: 'The user it logs in as.' })
  saslUsername?: string;

  @EnvVariable({ name: 'KAFKA_SASL_PASSWORD', optional: true, secret: true, about: "That user's password." })
  saslPassword?: string;

  /** TLS and SASL as a Kafka client takes them; says once where brokers elsewhere are spoken to without either. */
  access() {
    const { tlsCa: ca, tlsCert: cert, tlsKey: key, saslMechanism: mechanism, saslUsername: username, saslPassword: password } = this;
    const access = {
      tls: ca || cert || key ? { ca, cert, key } : this.tls,
      ...(mechanism && username && password && { sasl: { mechanism, username, password } }),
    };
    const unprotected = unprotectedBrokers(this.brokers ?? [], access);
    if (unprotected && !warned) {
      warned = true;
      new Logger('kafka').warn('brokers on other machines are spoken to in clear and without a login; see docs/configuration.md', {
        host: unprotected.host,
      });
    }
    return access;
  }
}

const hasCredentials = (args: ValidationArguments | undefined): boolean => {
  const { saslUsername, saslPassword } = args?.object as KafkaAccess;
  return Boolean(saslUsername && saslPassword);
};

/** For processes that cannot work without Kafka. */
export class KafkaConfig extends KafkaAccess {
  @EnvVariable(BROKERS)
  brokers!: string[];
}

/** For processes that can. */
export class OptionalKafkaConfig extends KafkaAccess {
  @EnvVariable({ ...BROKERS, optional: true })
  brokers?: string[];
}
