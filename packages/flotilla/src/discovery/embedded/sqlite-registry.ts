import { rmSync } from 'node:fs';
import { extname, join } from 'node:path';
import { isFlotillaError, type Runtime } from '../../kernel/index.ts';
import { type Health, type Logger, silentLogger } from '../../telemetry/index.ts';
import { instanceOf } from '../driver/rows.ts';
import { startSweeper } from '../driver/sweeper.ts';
import { HeartbeatThread } from '../heartbeat/thread.ts';
import { checkInstance, HEARTBEAT_MS, type Instance, type InstanceStatus, type Lease, type Registration } from '../instance.ts';
import type { LeaseState, Registry, RegistryListener, RegistrySnapshot, Vitals } from '../registry.ts';
import { deregister, register, renew, setStatus } from './leases.ts';
import { RegistryFile } from './registry-file.ts';
import type { Statements } from './statements.ts';
import { isDue, sweep } from './sweep.ts';
import { Watchers } from './watchers.ts';

export interface SqliteRegistryOptions {
  /** The data folder; all processes of this machine that name the same one share one registry. */
  readonly folder: string;
  /** True when nobody else can be using the folder: whoever is still listed is dead, and is forgotten. */
  readonly alone?: boolean | undefined;
  /** Between renewals of a lease that is kept alive; 10 s unless said. */
  readonly heartbeatMs?: number | undefined;
  readonly runtime: Runtime;
  readonly log?: Logger | undefined;
}

/** The registry of one machine, in a file. It opens with its first use, so a folder that can't be used now may be later. */
export function sqliteRegistry(options: SqliteRegistryOptions): Registry {
  return new SqliteRegistry(options);
}

const FILE = 'registry.db';
const RENEWER = new URL(`./renewer${extname(import.meta.filename)}`, import.meta.url).href;

class SqliteRegistry implements Registry {
  readonly description: string;
  readonly #now: () => number;
  readonly #file: RegistryFile;
  readonly #watchers: Watchers;
  readonly #sweeper: Disposable;
  readonly #heartbeats: HeartbeatThread;

  constructor({ folder, alone, runtime, log = silentLogger, heartbeatMs = HEARTBEAT_MS }: SqliteRegistryOptions) {
    const path = join(folder, FILE);
    this.description = `file ${path}`;
    if (alone) for (const part of ['', '-wal', '-shm']) rmSync(`${path}${part}`, { force: true });
    this.#now = () => Math.floor(runtime.clock.now());
    const file = (this.#file = new RegistryFile(path, runtime));
    this.#watchers = new Watchers({ file, runtime, log });
    this.#sweeper = startSweeper({
      now: this.#now(),
      look: async () => {
        const now = this.#now();
        return { now, isDue: file.look((sql) => isDue(sql, now)) };
      },
      sweep: () => this.#change((sql) => sweep(sql, this.#now())),
      runtime,
      log,
    });
    this.#heartbeats = new HeartbeatThread({ module: RENEWER, options: path, heartbeatMs, runtime, log });
  }

  async register(registration: Registration): Promise<Instance> {
    checkInstance(registration);
    return instanceOf(await this.#change((sql) => register(sql, registration, this.#now())));
  }

  renew(lease: Lease, vitals?: Vitals): Promise<boolean> {
    return this.#change((sql) => renew(sql, { ...lease, ...vitals }, this.#now()));
  }

  setStatus(lease: Lease, status: InstanceStatus): Promise<boolean> {
    return this.#change((sql) => setStatus(sql, lease, status));
  }

  deregister(lease: Lease): Promise<boolean> {
    return this.#change((sql) => deregister(sql, lease, this.#now()));
  }

  list(service?: string): Promise<RegistrySnapshot> {
    return this.#file.read((sql) => {
      const { incarnation, revision } = sql.state.get()!;
      const rows = service === undefined ? sql.listAll.all() : sql.listService.all(service);
      return { incarnation, revision, instances: rows.map(instanceOf) };
    });
  }

  watch(service: string | undefined, listener: RegistryListener): Disposable {
    return this.#watchers.add(service, listener);
  }

  keepAlive(lease: Lease, listener: (state: LeaseState) => void): Disposable {
    return this.#heartbeats.keep(lease, listener);
  }

  async check(): Promise<Health> {
    try {
      await this.#file.read((sql) => sql.state.get());
      return { status: 'UP' };
    } catch (error) {
      return { status: 'DOWN', reason: isFlotillaError(error) ? error.message : String(error) };
    }
  }

  async #change<TResult>(work: (sql: Statements) => TResult): Promise<TResult> {
    const result = await this.#file.write(work);
    this.#watchers.look();
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sweeper[Symbol.dispose]();
    this.#watchers[Symbol.dispose]();
    await this.#heartbeats[Symbol.asyncDispose]();
    this.#file[Symbol.dispose]();
  }
}
