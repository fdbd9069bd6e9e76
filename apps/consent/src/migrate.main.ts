import { runMigrationProcess } from '@attesta/service-kit';
import { migrate } from './migrate.js';

await runMigrationProcess('consent', ['CONSENT'], (own) => migrate(own!));
