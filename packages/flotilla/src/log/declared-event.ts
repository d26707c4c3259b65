import type { Contract, EventType } from '../contract/index.ts';

/** The event a contract declares under this name; undefined for a private one. */
export function declaredEvent(of: Contract, type: string): EventType | undefined {
  return Object.hasOwn(of.events, type) ? of.events[type] : undefined;
}
