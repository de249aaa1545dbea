export { postgresEnv } from './config.js';
export type { PostgresConfig } from './config.js';
export { PostgresUnavailable, sqlState, TransactionAborted } from './errors.js';
export { takeLock } from './lock.js';
export type { HeldLock, LockOptions } from './lock.js';
export { migrate } from './migrate.js';
export type { MigrateOptions } from './migrate.js';
export { createPostgres } from './postgres.js';
export type { Postgres, PostgresOptions, Queryable, Rows } from './postgres.js';
