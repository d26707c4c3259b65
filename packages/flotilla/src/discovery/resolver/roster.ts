import type { Instance } from '../instance.ts';
import type { RegistryChange } from '../registry.ts';

/** How long those are kept whose disappearance is not believed: they need a heartbeat and a backoff to come back. */
const HOLD_MS = 60_000;
/** Above this share of at least so many instances that vanish at once, something else than they is broken. */
const BELIEVABLE_SHARE = 0.15;
const FEW = 10;

/**
 * The last known good list. It takes in what a registry says and believes everything except that many are gone at once: those
 * are held for a while, marked stale, unless they said themselves that they leave.
 */
export class Roster {
  readonly #instances = new Map<string, Instance>();
  /** When to let go of those who are held. */
  readonly #heldUntil = new Map<string, number>();

  all(): Instance[] {
    return [...this.#instances.values()];
  }

  get held(): number {
    return this.#heldUntil.size;
  }

  /** The whole list at once. When the registry has forgotten everything meanwhile, nobody who is missing is believed to be gone. */
  replace(instances: readonly Instance[], { now, wiped }: { now: number; wiped: boolean }): void {
    const listed = new Set(instances.map(({ id }) => id));
    const missing = [...this.#instances.keys()].filter((id) => !listed.has(id) && !this.#heldUntil.has(id));
    const leaving = missing.filter((id) => this.#instances.get(id)!.status === 'draining');
    const vanished = missing.filter((id) => !leaving.includes(id));
    this.#remove(leaving);
    this.#doubt(vanished, { now, hold: wiped || this.#tooMany(vanished.length) });
    for (const instance of instances) this.#put(instance);
  }

  apply(changes: readonly RegistryChange[], now: number): void {
    const expired: string[] = [];
    const count = this.#instances.size;
    for (const change of changes) {
      if (change.kind === 'put') this.#put(change.instance);
      else if (change.reason === 'left') this.#remove([change.id]);
      else if (this.#instances.has(change.id)) expired.push(change.id);
    }
    this.#doubt(expired, { now, hold: this.#tooMany(expired.length, count) });
  }

  /** Lets go of those who were held long enough. True when there were any. */
  release(now: number): boolean {
    const over = [...this.#heldUntil].filter(([, until]) => until <= now).map(([id]) => id);
    this.#remove(over);
    return over.length > 0;
  }

  #tooMany(gone: number, of: number = this.#instances.size): boolean {
    return of >= FEW && gone > BELIEVABLE_SHARE * of;
  }

  #doubt(ids: readonly string[], { now, hold }: { now: number; hold: boolean }): void {
    if (!hold) return this.#remove(ids);
    for (const id of ids) {
      const instance = this.#instances.get(id);
      if (!instance) continue;
      this.#instances.set(id, { ...instance, stale: true });
      this.#heldUntil.set(id, now + HOLD_MS);
    }
  }

  #put(instance: Instance): void {
    this.#instances.set(instance.id, instance);
    this.#heldUntil.delete(instance.id);
  }

  #remove(ids: readonly string[]): void {
    for (const id of ids) {
      this.#instances.delete(id);
      this.#heldUntil.delete(id);
    }
  }
}
