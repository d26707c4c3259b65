import { abortReason, type Clock, FlotillaError, untilAborted, withTimeout } from '../kernel/index.ts';
import { type Algorithm, type PublicKey, readKeySet } from './public-keys.ts';

/** Fetches the JWKS document as parsed JSON. It must give up when the signal aborts, and bound what it reads. */
export type KeyFetcher = (signal: AbortSignal) => Promise<unknown>;

export interface KeyCacheOptions {
  fetch: KeyFetcher;
  algorithms: readonly Algorithm[];
  clock: Clock;
}

const FRESH_MS = 600_000;
/** From here on keys are renewed in the background, so that a busy gateway never waits for them. */
const RENEW_AFTER_MS = 480_000;
const STALE_IF_ERROR_MS = 3_600_000;
const FETCH_TIMEOUT_MS = 5_000;
/** How often strangers with made-up key ids, or an issuer that fails, can make us fetch. */
const COOLDOWN_MS = 30_000;
/** Without any keys nobody gets in, so we ask more often. */
const COLD_COOLDOWN_MS = 1_000;

/** The published keys of one issuer. Rejects with `KEYS_UNAVAILABLE` when no trustworthy keys are at hand. */
export class KeyCache {
  readonly #options: KeyCacheOptions;
  #keys: ReadonlyMap<string, PublicKey> = new Map();
  #fetchedAt = -Infinity;
  #failedAt = -Infinity;
  #demandedAt = -Infinity;
  #fetching: Promise<void> | undefined;

  constructor(options: KeyCacheOptions) {
    this.#options = options;
  }

  async find(kid: string, signal: AbortSignal): Promise<PublicKey | undefined> {
    const before = this.#fetchedAt;
    await this.#ensure(signal);
    if (!this.#keys.has(kid) && this.#fetchedAt === before) await this.#demand(signal);
    return this.#keys.get(kid);
  }

  /** The key that has taken the place of this one, under which a signature failed. */
  async findReplaced(key: PublicKey, signal: AbortSignal): Promise<PublicKey | undefined> {
    // A failing issuer proves nothing about this signature, which is wrong under the key that we have.
    await this.#demand(signal).catch(() => {
      if (signal.aborted) throw abortReason(signal);
    });
    const now = this.#keys.get(key.kid);
    return now?.fingerprint === key.fingerprint ? undefined : now;
  }

  #since(moment: number): number {
    return this.#options.clock.monotonic() - moment;
  }

  #usable(): boolean {
    return this.#since(this.#fetchedAt) < FRESH_MS + STALE_IF_ERROR_MS;
  }

  async #ensure(signal: AbortSignal): Promise<void> {
    const age = this.#since(this.#fetchedAt);
    if (age < RENEW_AFTER_MS) return;
    const cooling = this.#since(this.#failedAt) < (this.#usable() ? COOLDOWN_MS : COLD_COOLDOWN_MS);
    if (age < FRESH_MS) {
      if (!cooling) void this.#refresh();
    } else if (!cooling || this.#fetching) {
      await untilAborted(signal, this.#refresh()).catch((error: unknown) => {
        if (signal.aborted || !this.#usable()) throw error;
      });
    } else if (!this.#usable()) {
      throw unavailable();
    }
  }

  /** Fetches because a token speaks of keys that we do not know; at most once in a while, as anybody can write such a token. */
  async #demand(signal: AbortSignal): Promise<void> {
    if (this.#since(this.#demandedAt) >= COOLDOWN_MS) {
      this.#demandedAt = this.#options.clock.monotonic();
      void this.#refresh();
    }
    if (this.#fetching) await untilAborted(signal, this.#fetching);
    else if (this.#since(this.#failedAt) < COOLDOWN_MS) throw unavailable();
  }

  /** One fetch at a time, whoever asks. It belongs to all who wait, so nobody who leaves can stop it. */
  #refresh(): Promise<void> {
    this.#fetching ??= this.#load();
    this.#fetching.catch(() => undefined); // Whoever waits hears of the failure; a fetch in the background tells nobody.
    return this.#fetching;
  }

  async #load(): Promise<void> {
    const { clock, fetch, algorithms } = this.#options;
    try {
      this.#keys = await withTimeout({ clock, timeoutMs: FETCH_TIMEOUT_MS, onTimeout: late }, async (signal) =>
        readKeySet(await fetch(signal), algorithms),
      );
      this.#fetchedAt = clock.monotonic();
      this.#failedAt = -Infinity;
    } catch (cause) {
      this.#failedAt = clock.monotonic();
      throw unavailable(cause);
    } finally {
      this.#fetching = undefined;
    }
  }
}

function late(): FlotillaError {
  return new FlotillaError('KEYS_TIMEOUT', { kind: 'timeout', message: 'The signing keys did not arrive in time.' });
}

function unavailable(cause?: unknown): FlotillaError {
  const message = 'Tokens cannot be checked now, because the signing keys are not at hand. Try again in a moment.';
  return new FlotillaError('KEYS_UNAVAILABLE', { kind: 'unavailable', message, cause });
}
