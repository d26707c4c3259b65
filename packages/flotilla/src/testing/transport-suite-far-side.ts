import { contract, findOperation, type Schema, validateInput } from '../contract/index.ts';
import { FlotillaError, untilAborted } from '../kernel/index.ts';
import type { Call, CallHandler } from '../transport/index.ts';

/** A schema that lets everything pass; suites depend on no schema library. */
function anything<TValue = unknown>(): Schema<TValue> {
  return { '~standard': { version: 1, vendor: 'flotilla', validate: (value) => ({ value: value as TValue }) } };
}

const order: Schema<{ lines: { quantity: number }[] }> = {
  '~standard': {
    version: 1,
    vendor: 'flotilla',
    validate: (value) => {
      const { lines } = value as { lines: { quantity: number }[] };
      const bad = lines.findIndex(({ quantity }) => !(quantity >= 1));
      return bad < 0 ? { value: { lines } } : { issues: [{ message: 'must be at least 1', path: ['lines', bad, 'quantity'] }] };
    },
  },
};

/** The service that a transport suite calls. */
export const suiteContract = contract('suite', {
  version: '1.0.0',
  team: 'flotilla',
  queries: {
    echo: { input: anything(), output: anything() },
    metadata: { input: anything<undefined>(), output: anything<Call['metadata']>() },
    wait: { input: anything<undefined>(), output: anything<undefined>() },
    fail: { input: anything<{ code: string; kind: string; retryable: boolean; details?: unknown }>(), output: anything() },
    crash: { input: anything<{ message: string }>(), output: anything() },
  },
  commands: {
    place: { input: order, output: anything<string>(), errors: { OUT_OF_STOCK: anything<{ available: number }>() } },
  },
});

/** The far end of a transport under test, and what it saw. */
export interface FarSide {
  readonly call: CallHandler;
  /** Calls that arrived. */
  readonly calls: Call[];
  /** Reasons for which calls were aborted while they waited. */
  readonly aborted: unknown[];
}

export function createFarSide(): FarSide {
  const calls: Call[] = [];
  const aborted: unknown[] = [];
  const call: CallHandler = async (made, signal) => {
    calls.push(made);
    signal.addEventListener('abort', () => aborted.push(signal.reason), { once: true });
    const operation = findOperation(suiteContract, made.operation);
    if (!operation) throw new FlotillaError('NO_SUCH_OPERATION', { kind: 'not-found', message: 'There is no such operation.' });
    return await answer(made, await validateInput(operation.input, made.input, operation.id), signal);
  };
  return { call, calls, aborted };
}

async function answer({ operation, metadata }: Call, input: unknown, signal: AbortSignal): Promise<unknown> {
  switch (operation) {
    case 'metadata':
      return metadata;
    case 'wait':
      return await untilAborted(signal, new Promise(() => undefined));
    case 'fail':
      return failAs(input as { code: string } & ConstructorParameters<typeof FlotillaError>[1]);
    case 'crash':
      throw new TypeError((input as { message: string }).message);
    case 'place':
      throw new FlotillaError('OUT_OF_STOCK', { kind: 'conflict', message: 'Only 3 are left.', details: { available: 3 } });
    default:
      return input;
  }
}

function failAs({ code, ...options }: { code: string } & ConstructorParameters<typeof FlotillaError>[1]): never {
  throw new FlotillaError(code, { ...options, message: 'Refused on purpose.' });
}
