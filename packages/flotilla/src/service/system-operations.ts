import { FlotillaError } from '../kernel/index.ts';
import type { EventMessage, Inbox } from '../messaging/index.ts';
import type { Coordinator, RepairAct } from '../saga/index.ts';
import type { SagaStatus, Store } from '../store/index.ts';
import type { CallHandler } from '../transport/index.ts';
import type { ServiceVitals } from './vitals.ts';

/** Operations that every service answers to the rest of its system: event delivery, and what operators look at and repair. */
export interface SystemOperationParts {
  readonly store: Store;
  readonly inbox: Inbox;
  readonly coordinator: Coordinator;
  readonly vitals: () => ServiceVitals;
}

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;

export function systemOperations(parts: SystemOperationParts): ReadonlyMap<string, CallHandler> {
  const { store, inbox, coordinator, vitals } = parts;
  const answers: Record<string, (input: Input, signal: AbortSignal) => Promise<unknown>> = {
    $deliver: async (input, signal) => await inbox.deliver(input.list<EventMessage>('batch'), signal).then(() => null),
    $vitals: async () => vitals(),
    $events: async (input) => {
      const types = input.optionalList<string>('types');
      const events = await store.events.read({ after: input.number('after', 0), limit: input.limit(), types });
      return { events, head: await store.events.head() };
    },
    $sagas: async (input) => {
      const status = input.optionalText('status') as SagaStatus | undefined;
      return { sagas: await store.sagas.list({ kind: input.optionalText('kind'), status, limit: input.limit() }) };
    },
    $saga: async (input) => await coordinator.show(input.text('id')),
    $repair: async (input) => {
      const act = input.oneOf<RepairAct>('act', ['retry', 'skip', 'resolve']);
      const repair = { id: input.text('id'), act, reason: input.optionalText('reason'), operator: input.text('operator') };
      return { saga: await coordinator.repair(repair) };
    },
    $parked: async (input) => ({ messages: await inbox.parked(input.limit()) }),
    $unpark: async (input) => await inbox.unpark(input.text('consumer'), input.text('messageId')).then(() => null),
  };
  return new Map(Object.entries(answers).map(([name, answer]) => [name, guarded(name, answer)]));
}

function guarded(name: string, answer: (input: Input, signal: AbortSignal) => Promise<unknown>): CallHandler {
  return async ({ input, metadata }, signal) => {
    if (!metadata.caller.internal) {
      throw new FlotillaError('FORBIDDEN', {
        kind: 'forbidden',
        message: `${name} is for services and operators of this system only.`,
      });
    }
    return await answer(new Input(name, input), signal);
  };
}

/** Reads the input of a system operation field by field; what does not fit throws `INVALID_INPUT` naming the field. */
class Input {
  readonly #name: string;
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(name: string, input: unknown) {
    this.#name = name;
    this.#fields = typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {};
  }

  text(field: string): string {
    const value = this.optionalText(field);
    return value ?? this.#refuse(field, 'is missing');
  }
  optionalText(field: string): string | undefined {
    const value = this.#fields[field];
    if (value === undefined || value === null) return undefined;
    return typeof value === 'string' ? value : this.#refuse(field, 'must be text');
  }
  number(field: string, otherwise: number): number {
    const value = this.#fields[field] ?? otherwise;
    return Number.isSafeInteger(value) && (value as number) >= 0
      ? (value as number)
      : this.#refuse(field, 'must be a whole number from 0');
  }
  limit(): number {
    return Math.min(this.number('limit', DEFAULT_LIMIT), MAX_LIMIT);
  }
  list<TItem>(field: string): TItem[] {
    return this.optionalList<TItem>(field) ?? this.#refuse(field, 'is missing');
  }
  optionalList<TItem>(field: string): TItem[] | undefined {
    const value = this.#fields[field];
    if (value === undefined || value === null) return undefined;
    return Array.isArray(value) ? (value as TItem[]) : this.#refuse(field, 'must be a list');
  }
  oneOf<TValue extends string>(field: string, values: readonly TValue[]): TValue {
    const value = this.text(field) as TValue;
    return values.includes(value) ? value : this.#refuse(field, `must be one of ${values.join(', ')}`);
  }

  #refuse(field: string, why: string): never {
    const issues = [{ path: field, message: why }];
    throw new FlotillaError('INVALID_INPUT', {
      kind: 'invalid',
      message: `${this.#name}: ${field} ${why}.`,
      details: { issues },
    });
  }
}
