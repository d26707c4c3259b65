import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Json, Runtime } from '../../kernel/index.ts';
import type { Logger } from '../../telemetry/index.ts';
import type { Lease } from '../instance.ts';
import { backoffMs } from '../pace.ts';
import type { LeaseState } from '../registry.ts';
import { keyOf } from './beats.ts';
import { beatPulse } from './pulse.ts';

/** What the thread is told when it starts. Its `module` exports `openRenewer(options): Renewer`. */
export interface ThreadData {
  readonly module: string;
  readonly options: Json;
  readonly heartbeatMs: number;
  readonly pulse: Int32Array<SharedArrayBuffer>;
}

export type ToThread = { readonly act: 'add' | 'remove'; readonly lease: Lease };
export type FromThread = { readonly lease: Lease; readonly state: LeaseState };

export interface HeartbeatThreadOptions {
  /** URL of a module that opens the registry again, in a thread of its own. */
  readonly module: string;
  readonly options: Json;
  readonly heartbeatMs: number;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly log: Logger;
}

/** The code of a thread runs from its source as well as from what was built of it. */
const SCRIPT = new URL(`./worker${extname(import.meta.filename)}`, import.meta.url);
const HEAP_MIB = 32;

/**
 * Keeps leases alive from a thread of its own, which starts with the first lease, ends with the last, and is started again when
 * it dies. It never keeps the process alive.
 */
export class HeartbeatThread implements AsyncDisposable {
  readonly #options: HeartbeatThreadOptions;
  readonly #kept = new Map<string, { lease: Lease; listener: (state: LeaseState) => void }>();
  readonly #pulse = new Int32Array(new SharedArrayBuffer(4));
  #worker: Worker | undefined;
  #beating: Disposable | undefined;
  #restarting: Disposable | undefined;
  #deaths = 0;

  constructor(options: HeartbeatThreadOptions) {
    this.#options = options;
  }

  keep(lease: Lease, listener: (state: LeaseState) => void): Disposable {
    const entry = { lease, listener };
    this.#kept.set(keyOf(lease), entry);
    if (this.#worker) this.#send({ act: 'add', lease });
    else if (!this.#restarting) this.#start();
    return {
      [Symbol.dispose]: () => {
        if (this.#kept.get(keyOf(lease)) !== entry) return;
        this.#kept.delete(keyOf(lease));
        this.#send({ act: 'remove', lease });
        if (this.#kept.size === 0) void this.#stop();
      },
    };
  }

  #start(): void {
    const { module, options, heartbeatMs, runtime } = this.#options;
    const workerData: ThreadData = { module, options, heartbeatMs, pulse: this.#pulse };
    const worker = new Worker(SCRIPT, { workerData, resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB } });
    worker.unref();
    worker.on('message', (message: FromThread) => this.#hear(message));
    worker.on('error', (error) => this.#options.log.error({ err: error }, 'the heartbeat thread failed'));
    worker.on('exit', () => this.#worker === worker && this.#restart());
    this.#worker = worker;
    this.#beating ??= beatPulse(this.#pulse, runtime.clock);
    for (const { lease } of this.#kept.values()) this.#send({ act: 'add', lease });
  }

  #hear({ lease, state }: FromThread): void {
    this.#deaths = 0;
    this.#kept.get(keyOf(lease))?.listener(state);
  }

  #restart(): void {
    const { clock, random } = this.#options.runtime;
    this.#worker = undefined;
    this.#restarting = clock.timer(backoffMs(random, this.#deaths++), () => {
      this.#restarting = undefined;
      if (this.#kept.size > 0) this.#start();
    });
  }

  #send(message: ToThread): void {
    this.#worker?.postMessage(message);
  }

  async #stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#beating?.[Symbol.dispose]();
    this.#beating = undefined;
    this.#restarting?.[Symbol.dispose]();
    this.#restarting = undefined;
    await worker?.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#kept.clear();
    await this.#stop();
  }
}
