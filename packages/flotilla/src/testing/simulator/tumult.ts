import type { Agenda } from './agenda.ts';
import type { Chance } from './chance.ts';
import type { Weather } from './faults.ts';
import type { Trace } from './trace.ts';

/** What all parts of one run share. */
export interface Tumult {
  readonly agenda: Agenda;
  readonly weather: Weather;
  /** How long things take where nothing goes wrong. */
  readonly chance: Chance;
  readonly trace: Trace;
  /** Stores that are at work: they take real time, so virtual time waits for them. */
  readonly atWork: { count: number };
}

/** Resolves when so much virtual time has passed. */
export function lapse(agenda: Agenda, ms: number): Promise<void> {
  return new Promise((resolve) => agenda.in(ms, resolve));
}
