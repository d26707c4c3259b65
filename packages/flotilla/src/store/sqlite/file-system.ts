import { statfsSync } from 'node:fs';
import { FlotillaError } from '../../kernel/index.ts';

/** Magic numbers of statfs(2). Locks of these file systems can't be trusted, and SQLite's WAL needs shared memory besides. */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0x5346414f, 'AFS'],
  [0x73757245, 'Coda'],
  [0x01021997, '9P'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x01161970, 'GFS2'],
  [0x7461636f, 'OCFS2'],
]);

/** The name of a network file system by its magic number, which some platforms give as a negative number. */
export function networkFileSystem(magic: number): string | undefined {
  return NETWORK_FILE_SYSTEMS.get(magic >>> 0);
}

/** Throws `DATA_UNAVAILABLE` when the folder lies on a network file system. */
export function refuseNetworkFileSystem(folder: string): void {
  const name = networkFileSystem(statfsSync(folder).type);
  if (name === undefined) return;
  throw new FlotillaError('DATA_UNAVAILABLE', {
    kind: 'unavailable',
    retryable: false,
    message: `'${folder}' lies on a network file system (${name}), where SQLite can lose data. Choose a folder on a local disk.`,
  });
}
