import { FlotillaError, type Runtime, toFlotillaError, untilAborted, withTimeout } from '../kernel/index.ts';
import type { Health, Logger } from '../telemetry/index.ts';
import { checkInstance, type InstanceFacts, type InstanceStatus, type Lease, type Registration } from './instance.ts';
import { backoffMs } from './pace.ts';
import type { LeaseState, Registry } from './registry.ts';

export interface RegistrationOptions {
  readonly registry: Registry;
  /** Ready from the start unless its status says otherwise; its epoch is the present time unless said. */
  readonly instance: Omit<InstanceFacts, 'epoch'> & Partial<Pick<Registration, 'epoch' | 'status' | 'ttlMs'>>;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly log: Logger;
}

/**
 * Keeps one instance on the list for as long as it wants to be there. A registry that is away, or that has forgotten the
 * instance, is told again for ever. Disposing takes the instance off the list.
 */
export interface SelfRegistration extends AsyncDisposable {
  readonly lease: Lease;
  /** Begins to register and to send heartbeats; whether the registry is there does not matter. */
  start(): void;
  /** Resolves once the instance is listed with its present status. */
  listed(signal: AbortSignal): Promise<void>;
  /** Tells the registry as soon as it can be told. */
  setStatus(status: InstanceStatus): void;
  /** Asks callers to go elsewhere. Resolves when the registry knows, or could not be told within 2 s. */
  draining(): Promise<void>;
  health(): Health;
}

const PATIENCE_MS = 2_000;
/** Those whom a wiped registry forgot come back spread over this time. */
const SPREAD_MS = 1_000;

export function createRegistration(options: RegistrationOptions): SelfRegistration {
  return new Registering(options);
}

class Registering implements SelfRegistration {
  readonly lease: Lease;
  readonly #options: RegistrationOptions;
  #wanted: Registration;
  /** The status that the registry was told; undefined while the instance is not listed. */
  #told: InstanceStatus | undefined;
  #problem: FlotillaError | undefined;
  #keeping: Disposable | undefined;
  #telling: Promise<void> | undefined;
  #wake = (): void => undefined;
  #stopped = false;

  constructor(options: RegistrationOptions) {
    this.#options = options;
    this.#wanted = { epoch: options.runtime.clock.now(), status: 'passing', ...options.instance };
    checkInstance(this.#wanted);
    this.lease = { id: this.#wanted.id, epoch: this.#wanted.epoch };
  }

  start(): void {
    if (this.#keeping || this.#stopped) return;
    this.#keeping = this.#options.registry.keepAlive(this.lease, (state) => this.#hear(state));
    this.#tell(0);
  }

  async listed(signal: AbortSignal): Promise<void> {
    this.start();
    while (this.#told !== this.#wanted.status && this.#telling) await untilAborted(signal, this.#telling);
  }

  setStatus(status: InstanceStatus): void {
    this.#wanted = { ...this.#wanted, status };
    if (this.#keeping) this.#tell(0);
  }

  async draining(): Promise<void> {
    this.setStatus('draining');
    await this.#briefly(this.#telling ?? Promise.resolve());
  }

  health(): Health {
    if (this.#told !== undefined && !this.#problem) return { status: 'UP' };
    return { status: 'DEGRADED', reason: this.#problem?.message ?? `'${this.lease.id}' is not registered yet.` };
  }

  #hear(state: LeaseState): void {
    if (state === 'kept') this.#problem = undefined;
    if (state === 'away') this.#problem = away();
    if (state !== 'lost') return;
    this.#told = undefined;
    this.#tell(1 + Math.floor(this.#options.runtime.random.next() * SPREAD_MS));
  }

  /** Brings the registry up to date, or makes whoever does it already try at once. */
  #tell(delayMs: number): void {
    if (this.#stopped) return;
    if (!this.#telling) this.#telling = this.#tellUntilKnown(delayMs).finally(() => (this.#telling = undefined));
    else if (delayMs === 0) this.#wake();
  }

  async #tellUntilKnown(delayMs: number): Promise<void> {
    const { registry, runtime, log } = this.#options;
    if (delayMs > 0) await this.#sleep(delayMs);
    for (let failures = 1; !this.#stopped && this.#told !== this.#wanted.status; failures++) {
      const wanted = this.#wanted;
      try {
        await registry.register(wanted);
        this.#told = wanted.status;
        this.#problem = undefined;
      } catch (thrown) {
        this.#problem = toFlotillaError(thrown);
        const level = failures === 1 ? 'warn' : 'debug';
        log[level]({ err: thrown, instance: wanted.id, failures }, 'not registered; trying again for ever');
        await this.#sleep(backoffMs(runtime.random, failures));
      }
    }
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#options.runtime.clock.timer(delayMs, resolve);
      this.#wake = () => {
        timer[Symbol.dispose]();
        resolve();
      };
    });
  }

  async #briefly(work: Promise<unknown>): Promise<void> {
    const { clock } = this.#options.runtime;
    await withTimeout({ clock, timeoutMs: PATIENCE_MS, onTimeout: away }, () => work).catch((error: unknown) => {
      // The lease ends by itself.
      this.#options.log.warn({ err: error, instance: this.lease.id }, 'the registry could not be told in time');
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#keeping?.[Symbol.dispose]();
    this.#wake();
    if (!this.#keeping) return;
    // A registration on its way would bring the instance back.
    await this.#briefly((this.#telling ?? Promise.resolve()).then(() => this.#options.registry.deregister(this.lease)));
  }
}

function away(): FlotillaError {
  const message = 'The registry does not answer. The instance stays up, and is registered again as soon as it can be.';
  return new FlotillaError('REGISTRY_UNAVAILABLE', { kind: 'unavailable', message });
}
