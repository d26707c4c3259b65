import { FlotillaError, isFlotillaError } from '../kernel/index.ts';
import type { Calling } from './client.ts';

/** How a call ended when its declared errors are part of the answer. */
export type Attempt<TOutput, TFailure> = { ok: true; value: TOutput } | { ok: false; error: FlotillaError & TFailure };

/**
 * Turns the declared errors of a call into a value, typed by the contract: `if (!result.ok && result.error.code === 'OUT_OF_STOCK')`.
 * Every other failure still rejects.
 */
export async function attempt<TOutput, TFailure>(calling: Calling<TOutput, TFailure>): Promise<Attempt<TOutput, TFailure>> {
  try {
    return { ok: true, value: await calling };
  } catch (thrown) {
    if (isFlotillaError(thrown) && isDeclared(thrown)) return { ok: false, error: thrown as FlotillaError & TFailure };
    throw thrown;
  }
}

const declared = new WeakSet<FlotillaError>();

/** Marks an error as one that the called operation declares. */
export function markDeclared(error: FlotillaError): FlotillaError {
  declared.add(error);
  return error;
}

/** True for an error that came out of a call and is declared in that operation's contract. */
export function isDeclared(error: FlotillaError): boolean {
  return declared.has(error);
}

const unsent = new WeakSet<FlotillaError>();

/**
 * The error of a call of which no try ever left this process. It is one of its own: the reason of an abort is shared by all that it
 * ended, of which others may have left.
 */
export function asUnsent(error: FlotillaError): FlotillaError {
  const { code, kind, message, retryable, details } = error;
  const own = new FlotillaError(code, { kind, message, retryable, details, cause: error });
  unsent.add(own);
  return own;
}

/** True for an error of a call that certainly did nothing, because no try of it reached the other side. */
export function isUnsent(error: FlotillaError): boolean {
  return unsent.has(error);
}
