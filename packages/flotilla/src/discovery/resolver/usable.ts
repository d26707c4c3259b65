import type { Instance } from '../instance.ts';

/** Below this share of instances that are well, all of them together do better than the few. */
const PANIC_SHARE = 0.5;

/**
 * Whom a caller should choose from: those who pass or warn. When they are less than half of those who were ever ready, the fault
 * is more likely with whoever judges them, or there is not enough left to carry the load: then the critical ones as well.
 */
export function usable(instances: readonly Instance[]): readonly Instance[] {
  const well = instances.filter(({ status }) => status === 'passing' || status === 'warning');
  const ready = instances.filter(({ status }) => status === 'passing' || status === 'warning' || status === 'critical');
  return well.length < PANIC_SHARE * ready.length ? ready : well;
}

/** Lists by service. A list that did not change is the very same object as before, so that others can keep what they made of it. */
export function grouped(
  instances: readonly Instance[],
  before: ReadonlyMap<string, readonly Instance[]>,
): Map<string, readonly Instance[]> {
  const groups = new Map<string, Instance[]>();
  for (const instance of instances) {
    const group = groups.get(instance.service);
    if (group) group.push(instance);
    else groups.set(instance.service, [instance]);
  }
  const result = new Map<string, readonly Instance[]>();
  for (const [service, group] of groups) {
    const list = usable(group);
    const known = before.get(service);
    result.set(service, known && same(known, list) ? known : list);
  }
  return result;
}

function same(left: readonly Instance[], right: readonly Instance[]): boolean {
  return left.length === right.length && left.every((instance, index) => instance === right[index]);
}
