import { runMigrationProcess } from '@attesta/service-kit';
import { migrate } from './migrate.js';

await runMigrationProcess('ledger', ['LEDGER', 'VAULT'], (log, vault) =>
  migrate({ ...log, vaultUrl: vault!.databaseUrl, vaultMigrationUrl: vault!.migrationUrl }),
);
