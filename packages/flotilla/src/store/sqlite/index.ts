export { sqliteDriver, type SqliteDriverOptions } from './driver.ts';
