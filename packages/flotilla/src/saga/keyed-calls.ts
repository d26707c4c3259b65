import { type CallOptions, type Clients, isDeclared } from '../client/index.ts';
import { type Contract, findOperation } from '../contract/index.ts';
import { isFlotillaError } from '../kernel/index.ts';
import { isDefinite } from './outcome.ts';

type Contracts = Record<string, Contract>;
type Call = (input?: unknown, options?: CallOptions) => Promise<unknown>;

/** The clients of one attempt, and what is known of the commands called through them. */
export interface KeyedCalls {
  readonly calls: Clients<Contracts>;
  /** True once a command took effect, or may have. */
  mayHaveActed(): boolean;
  /** True once a command was refused for good: what was sent under its key before can't take effect any more. */
  wasRefused(): boolean;
}

/**
 * Gives every command an idempotency key that is the same in each attempt of the step: the step's key, the operation, and
 * the how-manieth call of it this is. A step must therefore call one operation in the same order each time.
 */
export function keyedCalls(clients: Clients<Contracts>, contracts: Contracts, stepKey: string): KeyedCalls {
  const occurrences = new Map<string, number>();
  let effects = 0;
  let refused = false;

  const nextKey = (operation: string): string => {
    const occurrence = (occurrences.get(operation) ?? 0) + 1;
    occurrences.set(operation, occurrence);
    return `${stepKey}.${operation}.${occurrence}`;
  };
  const command = async (call: Call, args: { input: unknown; options: CallOptions }): Promise<unknown> => {
    effects += 1;
    try {
      return await call(args.input, args.options);
    } catch (thrown) {
      if (isDefinite(thrown)) effects -= 1;
      refused ||= isRefusal(thrown);
      throw thrown;
    }
  };
  const keyed = ([service, contract]: [string, Contract]): [string, object] => [
    service,
    // A proxy, because a step rarely calls more than one of a service's many operations.
    new Proxy(clients[service]!, {
      get: (client, name) => {
        // A client is one function per operation; nothing else is ever read from it.
        const call = Reflect.get(client, name) as Call;
        const operation = typeof name === 'string' ? findOperation(contract, name) : undefined;
        if (operation?.kind !== 'command') return call;
        return (input?: unknown, options?: CallOptions) =>
          command(call, { input, options: { idempotencyKey: nextKey(operation.id), ...options } });
      },
    }),
  ];
  const calls = Object.fromEntries(Object.entries(contracts).map(keyed));
  // The proxies stand in front of the very clients they were made of.
  return { calls: calls as Clients<Contracts>, mayHaveActed: () => effects > 0, wasRefused: () => refused };
}

/** A declared no that trying again would not change; whoever said it keeps it under the key. */
function isRefusal(thrown: unknown): boolean {
  return isFlotillaError(thrown) && isDeclared(thrown) && !thrown.retryable;
}
