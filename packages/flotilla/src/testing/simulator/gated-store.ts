import { FlotillaError } from '../../kernel/index.ts';
import type { Committed, Store } from '../../store/index.ts';
import { withMethods } from '../with-methods.ts';
import type { Process } from './process.ts';

/** How a process gets through to the world outside: it takes its time, and may go wrong. */
export type Gate = <TResult>(process: Process, what: string, effect: () => Promise<TResult>) => Promise<TResult>;

type Method = (...args: readonly unknown[]) => Promise<unknown>;

/** The store as one process sees it: each call passes the gate, and only its own commits wake it. */
export function gatedStore(store: Store, process: Process, gate: Gate): Store {
  let committing = 0;
  const writing = async <TResult>(work: () => Promise<TResult>): Promise<TResult> => {
    committing += 1;
    try {
      return await work();
    } finally {
      committing -= 1;
    }
  };
  const gated = <TTable extends object>(name: string, table: TTable): TTable =>
    new Proxy(table, {
      get(target, property) {
        const member: unknown = Reflect.get(target, property);
        if (typeof member !== 'function') return member;
        const method = member.bind(target) as Method;
        return (...args: unknown[]) => gate(process, `${name}.${String(property)}`, () => writing(() => method(...args)));
      },
    });
  const tables = Object.fromEntries(
    (['events', 'idempotency', 'sagas', 'cursors', 'projections'] as const).map((name) => [name, gated(name, store[name])]),
  );
  return withMethods(store, {
    ...tables,
    transact: (work, options) => gate(process, 'transact', () => writing(() => store.transact(work, options))),
    check: (signal) => gate(process, 'check', () => store.check(signal)),
    onCommit: (listener) => {
      const wake = (committed: Committed): void => {
        if (committing > 0 && process.state === 'alive') listener(committed);
      };
      return process.own(store.onCommit(wake));
    },
  });
}

/** What a store says that can't be reached, or whose answer got lost. */
export function storeUnavailable(what: string): FlotillaError {
  return new FlotillaError('STORE_UNAVAILABLE', { kind: 'unavailable', message: `The store did not answer ${what}.` });
}
