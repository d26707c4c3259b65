import { createFakeRuntime, listedInstance } from '../../testing/index.ts';
import { type Balancer, type BalancerOptions, createBalancer, type Instance, type PickOptions } from '../index.ts';

/** Instances of weight 1: `i0`, `i1`, … */
export function set(count: number, more: Partial<Instance> = {}): Instance[] {
  return Array.from({ length: count }, (_, index) => listedInstance(`i${index}`, more));
}

export function setting(options: Partial<BalancerOptions> = {}) {
  const runtime = createFakeRuntime({ seed: 7 });
  return { runtime, balancer: createBalancer({ service: 'catalog', runtime, ...options }) };
}

/** How often each instance is picked when every call ends before the next. */
export function counts(
  balancer: Balancer,
  instances: readonly Instance[],
  { picks = 1_000, ...options }: PickOptions & { picks?: number } = {},
) {
  const result = new Map(instances.map(({ id }) => [id, 0]));
  for (let pick = 0; pick < picks; pick++) {
    const { id } = balancer.pick(instances, options);
    result.set(id, result.get(id)! + 1);
  }
  return result;
}

export function fail(balancer: Balancer, instance: Instance, times = 5): void {
  for (let failure = 0; failure < times; failure++) balancer.end(balancer.begin(instance), 'failure');
}
