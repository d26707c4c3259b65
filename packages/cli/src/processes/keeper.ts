import type { Runtime } from 'flotilla/kernel';
import type { Ending, PartProcess, Ready } from './part-process.ts';
import { createPatience, type Patience } from './patience.ts';

/** What happens to an instance. `failed` ones are left alone until somebody restarts them. */
export type Happening =
  | { readonly event: 'starting'; readonly pid: number | undefined }
  | ({ readonly event: 'up'; readonly pid: number | undefined; readonly tookMs: number } & Ready)
  | { readonly event: 'stopping'; readonly pid: number | undefined }
  | ({ readonly event: 'down'; readonly pid: number | undefined } & Ending)
  | ({ readonly event: 'restarting'; readonly inMs: number } & Ending)
  | ({ readonly event: 'failed' } & Ending);

export type InstanceState = 'starting' | 'up' | 'stopping' | 'down' | 'restarting' | 'failed';

export interface KeeperOptions {
  readonly launch: () => PartProcess;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly report: (happening: Happening) => void;
}

/** Whoever does not stop for so long does not want to. */
const DRAIN_PATIENCE_MS = 20_000;

/** Keeps one instance of a part running, whatever becomes of its process, until told to stop. */
export class Keeper {
  readonly #options: KeeperOptions;
  readonly #patience: Patience;
  #process: PartProcess | undefined;
  #state: InstanceState = 'down';
  #place: Ready | undefined;
  #restarts = -1;
  #wish: 'run' | 'renew' | 'stop' = 'run';
  /** Ends the pause before the next start. */
  #wake: (() => void) | undefined;
  #settled = Promise.withResolvers<void>();
  readonly #done: Promise<void>;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#patience = createPatience(options.runtime.random);
    this.#done = this.#run();
  }

  get state(): InstanceState {
    return this.#state;
  }
  /** The process of the moment. */
  get process(): PartProcess | undefined {
    return this.#process;
  }
  /** Where it is, or was when it was last up. */
  get place(): Ready | undefined {
    return this.#place;
  }
  /** How often its process was replaced by a new one. */
  get restarts(): number {
    return Math.max(0, this.#restarts);
  }

  /** Replaces the process by a new one, in order. Resolves once that one is up, or has ended too. */
  async renew(): Promise<void> {
    if (this.#wish === 'stop') return;
    const { resolve } = this.#settled;
    this.#settled = Promise.withResolvers();
    // Whoever waits for an earlier renewal waits for this one now.
    void this.#settled.promise.then(resolve);
    this.#end('renew');
    await this.#settled.promise;
  }

  /** Lets the process finish what it has, and starts no other. */
  async stop(): Promise<void> {
    this.#end('stop');
    await this.#done;
  }

  /** Ends the process at once. */
  kill(): void {
    this.#wish = 'stop';
    this.#wake?.();
    this.#process?.kill();
  }

  #end(wish: 'renew' | 'stop'): void {
    this.#wish = wish;
    this.#wake?.();
    const process = this.#process;
    if (!process || this.#state === 'stopping') return;
    this.#tell({ event: 'stopping', pid: process.pid });
    process.stop();
    const timer = this.#options.runtime.clock.timer(DRAIN_PATIENCE_MS, () => process.kill());
    void process.ended.then(() => timer[Symbol.dispose]());
  }

  async #run(): Promise<void> {
    // What is reported first is reported to somebody who has the keeper in hand.
    await Promise.resolve();
    while (this.#wish !== 'stop') {
      const pauseMs = await this.#live();
      if (this.#wish === 'run') await this.#pause(pauseMs);
      if (this.#wish === 'renew') {
        this.#wish = 'run';
        this.#patience.reset();
      }
    }
    this.#settled.resolve();
  }

  /** The life of one process. Resolves with the pause until the next one's; undefined for ever. */
  async #live(): Promise<number | undefined> {
    const { launch, runtime } = this.#options;
    const startedAt = runtime.clock.monotonic();
    const livedMs = (): number => Math.round(runtime.clock.monotonic() - startedAt);
    const process = launch();
    const { pid } = process;
    this.#process = process;
    this.#restarts += 1;
    this.#tell({ event: 'starting', pid });
    let wasUp = false;
    void process.ready.then((ready) => {
      wasUp = true;
      if (this.#state !== 'starting') return;
      const { internalUrl, gatewayUrl } = ready;
      this.#place = { internalUrl, gatewayUrl };
      this.#tell({ event: 'up', pid, tookMs: livedMs(), ...this.#place });
      this.#settled.resolve();
    });
    const ending = await process.ended;
    this.#process = undefined;
    this.#tell({ event: 'down', pid, ...ending });
    if (this.#wish !== 'run') return undefined;
    const pauseMs = this.#patience.after({ wasUp, livedMs: livedMs(), ending });
    if (pauseMs === undefined) this.#tell({ event: 'failed', ...ending });
    else this.#tell({ event: 'restarting', inMs: Math.round(pauseMs), ...ending });
    this.#settled.resolve();
    return pauseMs;
  }

  async #pause(pauseMs: number | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    using _timer = pauseMs === undefined ? undefined : this.#options.runtime.clock.timer(pauseMs, resolve, { hold: true });
    this.#wake = resolve;
    await promise;
    this.#wake = undefined;
  }

  #tell(happening: Happening): void {
    this.#state = happening.event;
    this.#options.report(happening);
  }
}
