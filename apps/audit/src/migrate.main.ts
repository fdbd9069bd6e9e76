import { runMigrationProcess } from '@attesta/service-kit';
import { migrate } from './migrate.js';

await runMigrationProcess('audit', ['AUDIT'], (registers) => migrate(registers!));
