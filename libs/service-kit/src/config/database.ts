import { Matches } from 'class-validator';

/** Beside `kind: 'url'`: a connection string of PostgreSQL. */
export const IsPostgresUrl = (): PropertyDecorator => Matches(/^postgres(ql)?:\/\/./, { message: 'it is no postgres:// URL' });
