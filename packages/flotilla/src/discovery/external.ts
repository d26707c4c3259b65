import type { Runtime } from '../kernel/index.ts';
import type { Logger } from '../telemetry/index.ts';
import type { HealthCheck } from './health/check.ts';
import { startHealthMonitor, type HealthMonitorOptions, type Judgement } from './health/monitor.ts';
import { createRegistration, type RegistrationOptions, type SelfRegistration } from './registration.ts';
import type { Registry } from './registry.ts';

export interface ExternalOptions {
  readonly registry: Registry;
  readonly instance: RegistrationOptions['instance'];
  /** How to find out whether the thing is well; without one it passes for as long as it is registered. */
  readonly check?: HealthCheck | undefined;
  readonly timing?: Pick<HealthMonitorOptions, 'intervalMs' | 'timeoutMs' | 'thresholds'> | undefined;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly log: Logger;
}

/** How long a critical thing stays on the list. */
const GIVE_UP_MS = 10 * 60_000;

/**
 * Registers a thing that Flotilla did not start, on its behalf: keeps its lease, checks it, and says how it is. It is taken off
 * the list after ten minutes in critical health, and put back as soon as it passes. Disposing takes it off.
 */
export function registerExternal(options: ExternalOptions): AsyncDisposable {
  if (!options.check) return listed(options, 'passing');
  return new Watched(options, options.check);
}

function listed({ registry, instance, runtime, log }: ExternalOptions, status: Judgement['status']): SelfRegistration {
  const registration = createRegistration({ registry, instance: { ...instance, status }, runtime, log });
  registration.start();
  return registration;
}

class Watched implements AsyncDisposable {
  readonly #options: ExternalOptions;
  readonly #monitor: Disposable;
  #registration: SelfRegistration | undefined;
  #removing: Promise<void> = Promise.resolve();

  constructor(options: ExternalOptions, check: HealthCheck) {
    const { instance, runtime, timing } = options;
    this.#options = options;
    this.#registration = listed(options, 'starting');
    const onChecked = (judgement: Judgement): void => this.#hear(judgement);
    this.#monitor = startHealthMonitor({ ...timing, target: instance, check, runtime, onChecked });
  }

  #hear({ status, since, output }: Judgement): void {
    const { clock } = this.#options.runtime;
    if (status === 'critical' && clock.monotonic() - since >= GIVE_UP_MS) return this.#remove(output);
    if (!this.#registration && status === 'critical') return;
    if (this.#registration) this.#registration.setStatus(status);
    else this.#registration = listed(this.#options, status);
  }

  #remove(output: string): void {
    if (!this.#registration) return;
    this.#options.log.warn({ id: this.#options.instance.id, output }, 'critical for ten minutes; taken off the list');
    const registration = this.#registration;
    this.#registration = undefined;
    this.#removing = this.#removing.then(() => registration[Symbol.asyncDispose]());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#monitor[Symbol.dispose]();
    await this.#removing;
    await this.#registration?.[Symbol.asyncDispose]();
  }
}
