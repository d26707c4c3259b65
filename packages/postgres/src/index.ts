export { postgresRegistry, type PostgresRegistryOptions } from './registry/postgres-registry.ts';
export { postgresDriver, type PostgresDriverOptions } from './store/driver.ts';
export { postgresData, type PostgresDataOptions } from './system/postgres-data.ts';
