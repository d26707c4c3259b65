import { FlotillaError, linkSignal, type Runtime, sleep, withTimeout } from '../../kernel/index.ts';
import { createLease } from '../../log/index.ts';
import type { Store } from '../../store/index.ts';
import type { Health, Logger } from '../../telemetry/index.ts';
import type { Lead } from './lead.ts';
import { serve } from './term.ts';

const LEASE_MS = 15_000;
/** How soon somebody asks again who does not lead: 2 s for a lease of 15 s, and up to half as long again. */
const RETRY_SHARE = 2 / 15;
const LONGEST_RETRY_MS = 30_000;
/** Work that ignores its signal is left behind; its lease is not given back, but ends by itself. */
const PATIENCE_MS = 10_000;

export interface LeadershipOptions<TTables> {
  /** What must happen in one place only. */
  readonly name: string;
  /** Where those who could lead meet. */
  readonly store: Store<TTables>;
  /** This incarnation of this process. */
  readonly owner: string;
  readonly work: (lead: Lead<TTables>) => Promise<unknown>;
  /** How long nobody can follow one who died: 15 s unless said. It is renewed three times in that time; all who meet say the same. */
  readonly leaseMs?: number | undefined;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly log: Logger;
}

/** How a process stands with one leadership. */
export interface Standing {
  readonly name: string;
  /** Undefined while another process leads, or none. */
  readonly term: { readonly fence: number; /** Wall-clock milliseconds. */ readonly since: number } | undefined;
}

/**
 * Leads whenever it can, for as long as it can. Of all that are started under one name on one store at most one leads; when it dies
 * another takes over within its lease of 15 s, and at once when it stops in order. Disposing ends the work, then lets go.
 */
export interface Leadership extends AsyncDisposable {
  start(): void;
  standing(): Standing;
  health(): Health;
}

export function createLeadership<TTables>(options: LeadershipOptions<TTables>): Leadership {
  return new Campaign(options);
}

class Campaign<TTables> implements Leadership {
  readonly #options: LeadershipOptions<TTables>;
  readonly #leaseMs: number;
  readonly #stop = linkSignal();
  #running: Promise<void> | undefined;
  #term: Standing['term'];
  #problem: string | undefined;

  constructor(options: LeadershipOptions<TTables>) {
    this.#options = options;
    this.#leaseMs = options.leaseMs ?? LEASE_MS;
  }

  start(): void {
    this.#running ??= this.#run(this.#stop.signal);
  }

  standing(): Standing {
    return { name: this.#options.name, term: this.#term };
  }

  health(): Health {
    return this.#problem === undefined ? { status: 'UP' } : { status: 'DEGRADED', reason: this.#problem };
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { name, log, runtime } = this.#options;
    for (let failures = 0; !signal.aborted;) {
      try {
        await this.#stand(signal);
        failures = 0;
        this.#problem = undefined;
      } catch (thrown) {
        failures += 1;
        this.#problem = `'${name}' failed here: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
        log.warn({ leader: name, failures, err: thrown }, 'leading failed; somebody tries again');
      }
      const retryMs = Math.min(LONGEST_RETRY_MS, this.#leaseMs * RETRY_SHARE * 2 ** Math.min(failures, 10));
      await sleep(runtime.clock, retryMs * (1 + runtime.random.next() / 2), signal).catch(() => undefined);
    }
  }

  /** Asks for the lease, and serves a term when it gets it. */
  async #stand(stop: AbortSignal): Promise<void> {
    const { name, runtime, log } = this.#options;
    const leaseMs = this.#leaseMs;
    const lease = createLease({ ...this.#options, name: `leader:${name}`, leaseMs });
    const held = await lease.ask();
    if (!held) return;
    const { fence } = held.proof;
    this.#term = { fence, since: runtime.clock.now() };
    log.info({ leader: name, fence }, 'leads');
    try {
      await serve({ ...this.#options, lease, leaseMs, stop }, held);
    } finally {
      this.#term = undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { name, runtime, log } = this.#options;
    this.#stop.abort(new FlotillaError('CANCELLED', { kind: 'cancelled', message: `'${name}' is led elsewhere from now on.` }));
    const onTimeout = (): FlotillaError =>
      new FlotillaError('LEADER_STAYS', { kind: 'timeout', message: `'${name}' ignores its signal.` });
    const left = withTimeout(
      { clock: runtime.clock, timeoutMs: PATIENCE_MS, onTimeout },
      () => this.#running ?? Promise.resolve(),
    );
    await left.catch((error: unknown) => log.warn({ leader: name, err: error }, 'the work of a leader did not end in time'));
  }
}
