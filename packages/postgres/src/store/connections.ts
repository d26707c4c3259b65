import { Channel } from './channel.ts';
import type { ConnectionOptions } from './connection.ts';
import { Pool } from './pool.ts';

const READERS = 2;
const LANES = 2;
/** What the engine does by itself is quick, and others wait behind it on the same connection. */
const QUICK = { statementMs: 10_000, answerMs: 12_000 };
const SLOW = { statementMs: 30_000, answerMs: 32_000 };

/**
 * A plan that the engine's statements keep must hold when their tables have grown: it walks indexes even where, today, reading
 * the whole of a small table would cost less. And it is kept: making one costs more than carrying it out.
 */
const BY_INDEX = {
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  jit: 'off',
  plan_cache_mode: 'force_generic_plan',
};
/** Otherwise a statement that waits for a lock would not notice that whoever asked is gone. */
const WATCHFUL = { client_connection_check_interval: '2000' };

/** All connections of one store; each is opened when it is first needed. */
export interface Connections extends AsyncDisposable {
  readonly units: Pool;
  readonly readers: Pool;
  readonly lanes: readonly Channel[];
  readonly engine: Channel;
  readonly reads: Channel;
  readonly options: (role: string) => ConnectionOptions;
}

export function connectionsTo(url: string, service: string, maxUnits: number): Connections {
  const options = (role: string): ConnectionOptions => ({ url, name: `flotilla ${service} ${role}` });
  const channel = (role: string, limits = QUICK): Channel => new Channel({ ...options(role), settings: BY_INDEX, ...limits });
  const readOnly = { default_transaction_read_only: 'on', ...WATCHFUL };
  const stack = new AsyncDisposableStack();
  return {
    units: stack.use(new Pool({ ...options('units'), settings: WATCHFUL, ...SLOW, maxConnections: maxUnits })),
    readers: stack.use(new Pool({ ...options('reader'), settings: readOnly, ...SLOW, maxConnections: READERS })),
    lanes: Array.from({ length: LANES }, (_, index) => stack.use(channel(`writes ${index + 1}`))),
    engine: stack.use(channel('engine')),
    reads: stack.use(channel('reads', SLOW)),
    options,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
