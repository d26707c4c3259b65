import type { NewEvent } from '../../store/index.ts';

/** What one unit did, kept if it commits. */
export interface UnitNotes {
  readonly service: string;
  /** Commands that were carried out, as `operation key`. */
  readonly commands: string[];
  /** Events that a subscription took. */
  readonly received: { readonly subscription: string; readonly event: string }[];
  /** Events that a read model took. */
  readonly projected: { readonly projection: string; readonly event: string }[];
  readonly appended: { readonly event: NewEvent; readonly stream: string | undefined }[];
  readonly sagas: string[];
  /** Writes under a claim or a lease, with its fence and the process that made them. */
  readonly fenced: { readonly what: string; readonly fence: number; readonly by: string }[];
}

/**
 * Books kept outside the system under test: what was committed, as seen at the border of its stores. What the system itself
 * says is compared with them.
 */
export class Ledger {
  readonly commits: UnitNotes[] = [];
  /** Commands that somebody outside was told are done, as `operation key`, with whether they were committed by then. */
  readonly acknowledged: { readonly command: string; readonly wasCommitted: boolean }[] = [];
  readonly #committed = new Set<string>();
  readonly #open = new Map<string, UnitNotes>();

  /** Begins a unit. A store runs one unit at a time, so handlers of its service that run now belong to it. */
  begin(service: string): UnitNotes {
    const notes: UnitNotes = { service, commands: [], received: [], projected: [], appended: [], sagas: [], fenced: [] };
    this.#open.set(service, notes);
    return notes;
  }

  /** The unit that runs in a service's store now. */
  current(service: string): UnitNotes {
    return this.#open.get(service)!;
  }

  commit(notes: UnitNotes): void {
    this.commits.push(notes);
    for (const command of notes.commands) this.#committed.add(command);
  }

  acknowledge(command: string): void {
    this.acknowledged.push({ command, wasCommitted: this.#committed.has(command) });
  }

  reset(): void {
    this.commits.length = this.acknowledged.length = 0;
    this.#committed.clear();
    this.#open.clear();
  }
}
