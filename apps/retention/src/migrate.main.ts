import { runMigrationProcess } from '@attesta/service-kit';
import { migrate } from './migrate.js';

await runMigrationProcess('retention', ['RETENTION'], (own) => migrate(own!));
