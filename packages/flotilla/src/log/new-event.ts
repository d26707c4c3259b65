import { check, type Contract, describeIssues } from '../contract/index.ts';
import { copyJson, FlotillaError, type Runtime } from '../kernel/index.ts';
import type { EventMeta, NewEvent } from '../store/index.ts';
import { declaredEvent } from './declared-event.ts';
import { schemaVersion, type Upcasters } from './upcasters.ts';

/** Subscribers refuse longer ones. */
const LONGEST_KEY = 512;

export interface EventFactoryOptions {
  readonly contract: Contract;
  readonly runtime: Pick<Runtime, 'clock' | 'ids'>;
  /** What led to the events: the same for all of one unit. */
  readonly origin: Omit<EventMeta, 'key'>;
}

/** An event ready to be stored. Its data is a copy, so that nobody can change it afterwards. */
export function newEvent(
  options: EventFactoryOptions,
  event: { type: string; data: unknown; key?: string | undefined; upcasters?: Upcasters },
): NewEvent {
  const { contract, runtime, origin } = options;
  if (event.key !== undefined && (event.key === '' || event.key.length > LONGEST_KEY)) {
    throw invalidEvent(contract, event.type, `its key must have 1 to ${LONGEST_KEY} characters`);
  }
  return {
    type: event.type,
    schemaVersion: schemaVersion({ contract, upcasters: event.upcasters ?? {} }, event.type),
    id: runtime.ids(),
    data: copyOf(contract, event),
    meta: { ...origin, key: event.key },
    at: runtime.clock.now(),
  };
}

/**
 * Checks the data of a declared event in the form subscribers will receive it, so a value that JSON can't carry is caught
 * here. What is stored is the data as given: subscribers apply the schema's defaults and transforms themselves.
 */
export async function validateEvent(of: Contract, event: NewEvent): Promise<void> {
  const declared = declaredEvent(of, event.type);
  const result = declared && (await check(declared.schema, event.data));
  if (result && !result.ok) throw invalidEvent(of, event.type, describeIssues(result.issues));
}

export function invalidEvent(of: Contract, type: string, why: string): FlotillaError {
  return new FlotillaError('INVALID_EVENT', {
    kind: 'internal',
    message: `Event ${of.name}.${type} does not keep its contract: ${why}. Correct the data or the event's schema.`,
  });
}

function copyOf(of: Contract, { type, data }: { type: string; data: unknown }): unknown {
  try {
    return copyJson(data) ?? null;
  } catch (cause) {
    throw invalidEvent(of, type, cause instanceof Error ? cause.message : String(cause));
  }
}
