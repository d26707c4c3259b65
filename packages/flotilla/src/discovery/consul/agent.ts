import type { Runtime } from '../../kernel/index.ts';
import type { Logger } from '../../telemetry/index.ts';
import type { HealthCheck } from '../health/check.ts';
import { startHealthMonitor } from '../health/monitor.ts';
import type { Instance, Lease } from '../instance.ts';
import type { Registry } from '../registry.ts';
import { type CheckDefinition, worst } from './definition.ts';

export interface AgentOptions {
  readonly registry: Registry;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly log: Logger;
}

type Status = CheckDefinition['initial'];

interface Check {
  readonly definition: CheckDefinition;
  readonly lease: Lease;
  status: Status;
  output: string;
  /** The end of what was reported last, or of the monitor. */
  watching: Disposable | undefined;
  /** Counts down while the check is critical. */
  giveUp: Disposable | undefined;
}

/** Does what a Consul agent does for its services: keeps their checks and tells the registry how they fare. */
export class Agent implements Disposable {
  readonly #options: AgentOptions;
  readonly #checks = new Map<string, Check>();

  constructor(options: AgentOptions) {
    this.#options = options;
  }

  /** Takes over the checks of a service in place of those it had. */
  adopt({ id, epoch, url }: Pick<Instance, 'id' | 'epoch' | 'url'>, definitions: readonly CheckDefinition[]): void {
    this.forget(id);
    for (const definition of definitions) {
      const lease = { id, epoch };
      const check: Check = { definition, lease, status: definition.initial, output: '', watching: undefined, giveUp: undefined };
      this.#checks.set(definition.id, check);
      check.watching = this.#watch(check, url);
      this.#countDown(check);
    }
  }

  /** A check that is registered again as it was goes on from where it is. */
  withKnownStatus(definitions: readonly CheckDefinition[]): CheckDefinition[] {
    return definitions.map((definition) => {
      const known = this.#checks.get(definition.id);
      const same = known?.definition.kind === definition.kind && known.definition.target === definition.target;
      return known && same ? { ...definition, initial: known.status } : definition;
    });
  }

  forget(id: string): void {
    for (const check of this.#of(id)) {
      check.watching?.[Symbol.dispose]();
      check.giveUp?.[Symbol.dispose]();
      this.#checks.delete(check.definition.id);
    }
  }

  /** What the checks of a service say, for those who ask. */
  reports(id: string): { definition: CheckDefinition; status: Status; output: string }[] {
    return this.#of(id);
  }

  /** Takes a report of a service about itself. False when no check waits for one under this id. */
  async report(checkId: string, status: Status, output: string): Promise<boolean> {
    const check = this.#checks.get(checkId);
    if (check?.definition.kind !== 'ttl') return false;
    check.watching?.[Symbol.dispose]();
    check.watching = this.#expiry(check);
    await this.#set(check, status, output);
    return true;
  }

  #of(id: string): Check[] {
    return [...this.#checks.values()].filter(({ lease }) => lease.id === id);
  }

  #watch(check: Check, url: string): Disposable {
    const { definition } = check;
    if (definition.kind === 'ttl') return this.#expiry(check);
    const { runtime } = this.#options;
    return startHealthMonitor({
      target: { id: check.lease.id, url },
      check: questionOf(definition),
      intervalMs: definition.everyMs,
      ...(definition.timeoutMs === undefined ? {} : { timeoutMs: definition.timeoutMs }),
      // Consul's own thresholds are 1: who wants to be spared flapping says so.
      thresholds: { passes: definition.passes ?? 1, failures: definition.failures ?? 1 },
      status: definition.initial,
      runtime,
      onChecked: ({ status, output }) => {
        if (status !== 'starting' && status !== 'draining') this.#setLater(check, status, output);
      },
    });
  }

  #expiry(check: Check): Disposable {
    return this.#options.runtime.clock.timer(check.definition.everyMs, () => this.#setLater(check, 'critical', 'TTL expired'));
  }

  #setLater(check: Check, status: Status, output: string): void {
    void this.#set(check, status, output).catch((error: unknown) => {
      this.#options.log.warn({ err: error, check: check.definition.id }, 'the registry could not be told of a check');
    });
  }

  async #set(check: Check, status: Status, output: string): Promise<void> {
    const before = check.status;
    check.status = status;
    check.output = output;
    if (before !== status) this.#countDown(check);
    const all = this.#of(check.lease.id).map((one) => one.status);
    await this.#options.registry.setStatus(check.lease, worst(all));
  }

  #countDown(check: Check): void {
    const { deregisterAfterMs } = check.definition;
    check.giveUp?.[Symbol.dispose]();
    check.giveUp = undefined;
    if (check.status !== 'critical' || deregisterAfterMs === undefined) return;
    check.giveUp = this.#options.runtime.clock.timer(deregisterAfterMs, () => {
      this.forget(check.lease.id);
      void this.#options.registry.deregister(check.lease).catch(() => undefined);
    });
  }

  [Symbol.dispose](): void {
    for (const { lease } of this.#checks.values()) this.forget(lease.id);
  }
}

function questionOf({ kind, target }: CheckDefinition): HealthCheck {
  if (kind === 'http') return { kind, url: target };
  const { hostname, port } = new URL(`tcp://${target}`);
  return { kind: 'tcp', host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) };
}
