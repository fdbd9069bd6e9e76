import { runMigrationProcess } from '@attesta/service-kit';
import { migrate } from './migrate.js';

await runMigrationProcess('notification', ['NOTIFICATION'], (own) => migrate(own!));
