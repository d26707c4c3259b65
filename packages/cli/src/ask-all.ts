import { toFlotillaError } from 'flotilla/kernel';
import type { Remote } from './remote.ts';

/** Short: one service that hangs must not keep the answers of the others for long. */
const PATIENCE_MS = 3_000;

/** What came of asking all services the same. */
export interface Answers<TAnswer> {
  readonly answers: readonly { readonly service: string; readonly answer: TAnswer }[];
  /** Services that did not answer, each with a sentence that says why. */
  readonly silent: readonly { readonly service: string; readonly why: string }[];
}

/** Asks every service of a running system. One that can't answer is named and left out. */
export async function askAll<TAnswer>(
  remote: Pick<Remote, 'services' | 'call'>,
  operation: string,
  input: unknown,
): Promise<Answers<TAnswer>> {
  const answers: { service: string; answer: TAnswer }[] = [];
  const silent: { service: string; why: string }[] = [];
  const ask = async (service: string): Promise<void> => {
    try {
      // System operations keep the shapes of the store's port.
      const answer = (await remote.call({ service, operation }, input, { timeoutMs: PATIENCE_MS })) as TAnswer;
      answers.push({ service, answer });
    } catch (error) {
      silent.push({ service, why: toFlotillaError(error).message });
    }
  };
  await Promise.all(remote.services.map(ask));
  return { answers, silent };
}

/** What to tell people about those that did not answer. */
export function silenceText(silent: Answers<unknown>['silent']): string[] {
  return silent.map(({ service, why }) => `${service} is left out: ${why}`);
}
