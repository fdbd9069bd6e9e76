import { EnvVariable } from './variable.js';

/** The data directory. */
export class HomeConfig {
  @EnvVariable({
    name: 'ATTESTA_HOME',
    default: './.attesta',
    about: 'The data directory of the embedded run: databases, keys and the local issuer.',
  })
  home!: string;
}

/** The embedded run: everything on a database of its own. */
export class EmbeddedConfig extends HomeConfig {
  @EnvVariable({
    name: 'ATTESTA_POLICY',
    optional: true,
    about: 'The policy file: the privacy notice as data. Without it the one that comes with Attesta.',
  })
  policy?: string;
}
