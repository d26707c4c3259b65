import { Resolver } from 'node:dns/promises';
import { jittered, type Runtime } from '../../kernel/index.ts';
import type { Logger } from '../../telemetry/index.ts';
import { backoffMs } from '../pace.ts';
import type { Instance } from '../instance.ts';
import type { InstanceSource } from '../source.ts';
import { writtenDown } from './static-source.ts';

export interface DnsSourceOptions {
  readonly service: string;
  /** SRV: `_http._tcp.billing.internal`, whose records name hosts, ports and weights. A: `billing.internal`, with a port. */
  readonly name: string;
  readonly type: 'SRV' | 'A';
  /** For A records. */
  readonly port?: number | undefined;
  readonly scheme?: 'http' | 'https' | 'tcp' | undefined;
  /** Between questions; 10 s unless said. */
  readonly intervalMs?: number | undefined;
  /** Name servers to ask, as `10.0.0.2:53`; the machine's own unless said. */
  readonly servers?: readonly string[] | undefined;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly log: Logger;
}

const INTERVAL_MS = 10_000;
const TIMEOUT_MS = 2_000;

/** Instances that DNS knows. A name server that fails, or knows nothing any more, leaves the last list in place. */
export function dnsSource(options: DnsSourceOptions): InstanceSource {
  return {
    description: `DNS ${options.type} ${options.name}`,
    watch: (listener) => new DnsWatch(options, listener),
  };
}

class DnsWatch implements Disposable {
  readonly #options: DnsSourceOptions;
  readonly #listener: (instances: readonly Instance[]) => void;
  readonly #resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 2 });
  #timer: Disposable | undefined;
  #last = '';
  #failures = 0;
  #stopped = false;

  constructor(options: DnsSourceOptions, listener: (instances: readonly Instance[]) => void) {
    this.#options = options;
    this.#listener = listener;
    if (options.servers) this.#resolver.setServers([...options.servers]);
    void this.#look();
  }

  async #look(): Promise<void> {
    const { name, log, runtime, intervalMs = INTERVAL_MS } = this.#options;
    try {
      const instances = await this.#ask();
      this.#failures = 0;
      if (!this.#stopped) this.#tell(instances);
    } catch (error) {
      this.#failures += 1;
      if (this.#failures === 1 && !this.#stopped) log.warn({ err: error, name }, 'DNS gave no list; the last one stands');
    }
    if (this.#stopped) return;
    const pauseMs = this.#failures > 0 ? backoffMs(runtime.random, this.#failures) : jittered(runtime.random, intervalMs);
    this.#timer = runtime.clock.timer(pauseMs, () => void this.#look());
  }

  async #ask(): Promise<Instance[]> {
    const { type, service, name, port, scheme = 'http' } = this.#options;
    const url = (host: string, at: number | undefined): string => `${scheme}://${host}${at === undefined ? '' : `:${at}`}`;
    if (type === 'A') {
      const addresses = await this.#resolver.resolve4(name);
      return addresses.toSorted().map((address) => writtenDown(service, url(address, port)));
    }
    const records = await this.#resolver.resolveSrv(name);
    // Records of a lower priority are for when there are none of a higher, which has the smaller number.
    const first = Math.min(...records.map(({ priority }) => priority));
    const chosen = records.filter(({ priority }) => priority === first);
    const weightless = chosen.every(({ weight }) => weight === 0);
    return chosen
      .map((record) => writtenDown(service, url(record.name, record.port), { weight: weightless ? 1 : record.weight }))
      .toSorted((left, right) => (left.id < right.id ? -1 : 1));
  }

  #tell(instances: readonly Instance[]): void {
    const now = JSON.stringify(instances);
    if (now === this.#last) return;
    this.#last = now;
    this.#listener(instances);
  }

  [Symbol.dispose](): void {
    this.#stopped = true;
    this.#timer?.[Symbol.dispose]();
    this.#resolver.cancel();
  }
}
