import { type Clock, systemClock } from './clock.ts';
import { type Ids, uuidV7 } from './ids.ts';
import { type Random, systemRandom } from './random.ts';

/** Everything the outside world decides for us. It is injected everywhere, so that tests and simulations own time and chance. */
export interface Runtime {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export const systemRuntime: Runtime = {
  clock: systemClock,
  random: systemRandom,
  ids: uuidV7(systemClock, systemRandom),
  env: process.env,
};
