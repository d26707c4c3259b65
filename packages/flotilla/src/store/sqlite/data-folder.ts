import { join } from 'node:path';
import { FlotillaError, isFlotillaError, type Runtime } from '../../kernel/index.ts';
import { type Logger, silentLogger } from '../../telemetry/index.ts';
import { dataUnavailable, isBusy } from './failure.ts';
import { refuseNetworkFileSystem } from './file-system.ts';
import { makeFolder } from './make-folder.ts';
import { type FolderLock, lockFolder } from './folder-lock.ts';
import { listRunning, removeAllNotes, removeNote, type RunningProcess, writeNote } from './running.ts';
import { type KeyAgreement, systemKey } from './system-key.ts';

export interface DataFolderOptions {
  folder: string;
  /** A folder belongs to the first system that opens it. */
  system: string;
  /** False for a process that runs the whole system; true for one that runs a part of it beside others. */
  shared: boolean;
  runtime: Pick<Runtime, 'clock' | 'random'>;
  log?: Logger;
}

/** A data folder that this process may use until it disposes it. */
export interface DataFolder extends AsyncDisposable {
  readonly folder: string;
  /**
   * The secret that the parts of one system know each other by: the one that is given, the one that lies here, or a new one.
   * Throws `SYSTEM_KEY_MISSING` or `SYSTEM_KEY_WRONG` when the system has another one already.
   */
  systemKey(agreement?: KeyAgreement): Promise<string>;
  /** Lets others on this machine find this process; disposing takes it back. */
  announce(info: Pick<RunningProcess, 'services' | 'internalUrl' | 'gatewayUrl' | 'store'>): Promise<void>;
}

/**
 * Opens, and if need be creates, the folder of a system's data. Throws `DATA_LOCKED` while it is in use otherwise,
 * `DATA_FOREIGN` when it belongs to another system, and `DATA_UNAVAILABLE` when it can't be used at all.
 */
export async function openDataFolder(options: DataFolderOptions): Promise<DataFolder> {
  const { folder, system, shared, log = silentLogger } = options;
  using opening = new DisposableStack();
  try {
    makeFolder(join(folder, 'run'));
    refuseNetworkFileSystem(folder);
    const lock = opening.use(lockFolder({ folder, system, shared }));
    if (lock.owner !== system) throw foreign(options, lock.owner);
    if (!shared) await removeAllNotes(folder);
    opening.move();
    return held({ ...options, log }, lock);
  } catch (error) {
    if (isBusy(error)) throw locked(options, await listRunning(folder), error);
    throw isFlotillaError(error) ? error : dataUnavailable(folder, error);
  }
}

function held({ folder, system, runtime, log }: DataFolderOptions & { log: Logger }, lock: FolderLock): DataFolder {
  const { pid } = process;
  const startedAt = runtime.clock.now();
  return {
    folder,
    systemKey: async (agreement = {}) => {
      try {
        return await systemKey({ ...agreement, folder, random: runtime.random, log });
      } catch (error) {
        throw isFlotillaError(error) ? error : dataUnavailable(folder, error);
      }
    },
    announce: (info) => writeNote(folder, { system, pid, ...info, startedAt }),
    async [Symbol.asyncDispose]() {
      await removeNote(folder, pid);
      lock[Symbol.dispose]();
    },
  };
}

function locked({ folder, shared }: DataFolderOptions, holders: readonly RunningProcess[], cause: unknown): FlotillaError {
  const who = holders.map(({ pid, services }) => `process ${pid} (${services.join(', ')})`).join(' and ');
  const what = shared ? 'a whole system runs on it' : 'it is in use';
  return new FlotillaError('DATA_LOCKED', {
    kind: 'unavailable',
    retryable: false,
    message: `'${folder}' is locked: ${what}, by ${who || 'a process that is starting or stopping'}. Stop it, or choose another data folder.`,
    details: { folder, pids: holders.map(({ pid }) => pid) },
    cause,
  });
}

function foreign({ folder, system }: DataFolderOptions, owner: string): FlotillaError {
  return new FlotillaError('DATA_FOREIGN', {
    kind: 'unavailable',
    retryable: false,
    message: `'${folder}' holds the data of the system '${owner}', not of '${system}'. Choose another data folder.`,
    details: { folder, system: owner },
  });
}
