import type { Contract } from '../contract/index.ts';
import { FlotillaError } from '../kernel/index.ts';
import type { StoredEvent } from '../store/index.ts';
import { declaredEvent } from './declared-event.ts';

/** Pure: the data as the next version of its schema has it. It is given a copy of its own. */
export type Upcast = (data: never) => unknown;

/** By event type and the version that is left behind: `{ OrderPlaced: { 1: addCurrency, 2: splitName } }` leads to version 3. */
export type Upcasters<TType extends string = string> = { readonly [TName in TType]?: Readonly<Record<number, Upcast>> };

/** What is known of the events of one aggregate, or of those that belong to none. */
export interface Schemas {
  readonly contract: Contract;
  readonly upcasters: Upcasters;
}

/** The version that events of a type are written in now: the contract's, or the one that the upcasters lead to. */
export function schemaVersion({ contract, upcasters }: Schemas, type: string): number {
  return declaredEvent(contract, type)?.version ?? lastVersion(upcasters, type) ?? 1;
}

/** The event in the present version of its schema. Throws `UNKNOWN_EVENT_VERSION` when no upcaster leads there. */
export function upcastEvent(schemas: Schemas, event: StoredEvent): StoredEvent {
  const present = schemaVersion(schemas, event.type);
  if (event.schemaVersion === present) return event;
  const chain = chainOf(schemas.upcasters, event.type) ?? {};
  let { data } = event;
  for (let version = event.schemaVersion; version !== present; version += 1) {
    const upcast = version < present ? chain[version] : undefined;
    if (!upcast) throw unknownVersion(event, present);
    // Whoever declared the upcaster knows what the data of this version look like.
    data = upcast(data as never);
  }
  return { ...event, schemaVersion: present, data };
}

/** Throws `INVALID_AGGREGATE` for a chain that lacks a version between its first and its last. */
export function assertChains(name: string, upcasters: Upcasters): void {
  for (const type of Object.keys(upcasters)) {
    const versions = versionsOf(upcasters, type);
    const last = versions.at(-1) ?? 0;
    const gap = Array.from({ length: last }, (_, index) => index + 1).find((v) => v > versions[0]! && !versions.includes(v));
    if (gap === undefined) continue;
    throw new FlotillaError('INVALID_AGGREGATE', {
      kind: 'invalid',
      message: `The upcasters of ${type} in aggregate '${name}' lack one for version ${gap}. Each leads to the next version only.`,
    });
  }
}

/** Throws `INVALID_AGGREGATE` when upcasters lead to another version than the one the contract declares. */
export function assertPresent({ contract, upcasters }: Schemas, name: string): void {
  for (const type of Object.keys(upcasters)) {
    const [declared, reached] = [declaredEvent(contract, type)?.version, lastVersion(upcasters, type)];
    if (declared === undefined || declared === reached) continue;
    throw new FlotillaError('INVALID_AGGREGATE', {
      kind: 'invalid',
      message: `${contract.name}.${type} has version ${declared}, but its upcasters in '${name}' lead to ${reached}. Add what is missing, or correct the contract.`,
    });
  }
}

/** Versions that a type has upcasters for, in order. */
export function versionsOf(upcasters: Upcasters, type: string): number[] {
  return Object.keys(chainOf(upcasters, type) ?? {})
    .map(Number)
    .sort((left, right) => left - right);
}

function lastVersion(upcasters: Upcasters, type: string): number | undefined {
  const last = versionsOf(upcasters, type).at(-1);
  return last === undefined ? undefined : last + 1;
}

function chainOf(upcasters: Upcasters, type: string): Upcasters[string] {
  return Object.hasOwn(upcasters, type) ? upcasters[type] : undefined;
}

function unknownVersion(event: StoredEvent, present: number): FlotillaError {
  const { type, schemaVersion: version, stream, position } = event;
  const advice =
    version > present ? 'Newer code wrote it: start that again.' : `Give it upcasters from version ${version} to ${present}.`;
  return new FlotillaError('UNKNOWN_EVENT_VERSION', {
    kind: 'internal',
    message: `No upcaster knows version ${version} of ${type} (position ${position}${stream ? `, ${stream}` : ''}); this code has version ${present}. ${advice}`,
    details: { type, version, present },
  });
}
