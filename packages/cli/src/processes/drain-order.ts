import { GATEWAY } from '../gateway-name.ts';
import type { Part } from './survey.ts';

/**
 * In which order the parts of a system stop: first the gateway, so that nobody asks for more; then those that call others, so
 * that everybody still finds whom it needs for finishing. Those of one group stop together, as do those that call in a circle.
 */
export function drainOrder(parts: readonly Pick<Part, 'name' | 'calls'>[]): string[][] {
  const gateway = parts.filter(({ name }) => name === GATEWAY).map(({ name }) => name);
  const groups = gateway.length > 0 ? [gateway] : [];
  let rest = parts.filter(({ name }) => name !== GATEWAY);
  while (rest.length > 0) {
    const called = new Set(rest.flatMap(({ name, calls }) => calls.filter((other) => other !== name)));
    const callers = rest.filter(({ name }) => !called.has(name));
    const next = callers.length > 0 ? callers : rest;
    groups.push(next.map(({ name }) => name));
    rest = rest.filter((part) => !next.includes(part));
  }
  return groups;
}
