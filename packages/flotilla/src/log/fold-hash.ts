import { digest } from '../kernel/index.ts';
import type { Upcasters } from './upcasters.ts';

interface Fold {
  readonly initial: unknown;
  readonly evolve: (state: never, event: never) => unknown;
  readonly upcasters?: Upcasters | undefined;
  readonly version?: number | undefined;
}

/**
 * Tells apart code that folds differently: the text of `evolve` and of the upcasters, the initial state and the declared version.
 * It can't see into functions that those call. Text that differs without meaning costs a refold, never a wrong state.
 */
export function foldHash(name: string, { initial, evolve, upcasters = {}, version = 1 }: Fold): string {
  const chains = Object.entries(upcasters).map(([type, chain]) => [type, textsOf(chain)]);
  return digest(name, version, initial, evolve.toString(), Object.fromEntries(chains));
}

function textsOf(chain: Upcasters[string]): Record<string, string> {
  return Object.fromEntries(Object.entries(chain ?? {}).map(([version, upcast]) => [version, upcast.toString()]));
}
