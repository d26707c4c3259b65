import { parseArgs } from 'node:util';
import type { Figures } from '../case.ts';
import { drive, type Load, type Order } from '../load.ts';
import { ownCpuMs } from '../process-usage.ts';

/** What a contender is told on its command line; the bench sends its orders later. */
export interface Place {
  readonly store: string;
  readonly url: string | undefined;
}

const { values: flags } = parseArgs({
  strict: false,
  options: {
    store: { type: 'string', default: 'sqlite' },
    url: { type: 'string' },
    'in-flight': { type: 'string', default: '64' },
    seconds: { type: 'string', default: '5' },
  },
});

export const place: Place = { store: String(flags.store), url: flags.url === undefined ? undefined : String(flags.url) };

/**
 * Makes this process a contender: it does what the bench orders until that ends. Run by hand it warms up, measures once as its
 * flags say (`--in-flight`, `--seconds`), prints the figures and ends.
 */
export async function compete({ call, cpuMs = { cpuUs: ownCpuMs } }: Pick<Load, 'call' | 'cpuMs'>): Promise<void> {
  const measure = (order: Order): ReturnType<typeof drive> => drive({ ...order, call, cpuMs });
  if (process.send) return obey(measure);
  const order = { inFlight: Number(flags['in-flight']), durationMs: Number(flags.seconds) * 1_000 };
  await measure(order);
  console.log(JSON.stringify(await measure(order)));
  process.exit();
}

/** Measures when the bench says so, until that ends. */
export function obey(measure: (order: Order) => Promise<Figures>): void {
  // By way of `exit`, so that what belongs to the process goes with it.
  process.once('SIGTERM', () => process.exit());
  process.once('disconnect', () => process.exit());
  process.on('message', (order: Order) => void measure(order).then((figures) => process.send!(figures)));
  process.send!('ready');
}
