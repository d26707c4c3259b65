export { addressOf } from './connection.ts';
export { type DataFolder, type DataFolderOptions, openDataFolder } from './data-folder.ts';
export { sqliteDriver, type SqliteDriverOptions } from './driver.ts';
export { listRunning, type RunningProcess } from './running.ts';
export type { KeyAgreement, KeySeal } from './system-key.ts';
