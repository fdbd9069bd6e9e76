import { runMigrationProcess } from '@attesta/service-kit';
import { migrate } from './migrate.js';

await runMigrationProcess('requests', ['REQUESTS'], (own) => migrate(own!));
