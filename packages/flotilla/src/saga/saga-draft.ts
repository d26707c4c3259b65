import { FlotillaError } from '../kernel/index.ts';
import type {
  ClaimedSaga,
  JournalEntry,
  SagaAdvance,
  SagaChange,
  SagaPhase,
  SagaRow,
  SagaSignal,
  Transaction,
} from '../store/index.ts';
import type { SagaReason } from './definition.ts';
import { type JointWrite, type SagaDesk, Refused } from './joint-write.ts';
import { reasonText, resultsOf, type StepFailure, TURN, turnLine } from './journal.ts';
import { failureOf } from './outcome.ts';
import type { Told } from './step.ts';

/** A line that an attempt adds to the journal, before it is known when. */
export type Line = Omit<JournalEntry, 'at'>;

/** A write of its own, besides what was noted. */
export interface Change {
  readonly set?: Omit<SagaChange, 'phase'>;
  /** Lines that hold only if the write succeeds. */
  readonly lines?: readonly Line[];
  readonly writes?: readonly JointWrite[];
  /** Ids of signals to take away. */
  readonly takes?: readonly string[];
  readonly release?: boolean;
}

/**
 * A claimed saga as its process knows it: the journal, of which the tail may not be written yet. What one step learned goes
 * with the write that begins the next, so that a step costs one commit.
 */
export class SagaDraft {
  readonly row: SagaRow;
  /** Wall-clock milliseconds of the store. */
  readonly now: () => number;
  readonly #desk: SagaDesk;
  #journal: readonly JournalEntry[];
  #signals: readonly SagaSignal[];
  #phase: SagaPhase;
  #saved: number;
  // What else the next write must do, besides telling the journal.
  #turned: SagaReason | undefined;
  #taken: readonly string[] = [];
  #joint: readonly { readonly index: number; readonly write: JointWrite }[] = [];

  constructor(desk: SagaDesk, { saga, journal, signals }: ClaimedSaga, now: () => number) {
    this.#desk = desk;
    this.row = saga;
    this.now = now;
    this.#journal = journal;
    this.#signals = signals;
    this.#saved = journal.length;
    this.#phase = saga.phase;
  }

  get journal(): readonly JournalEntry[] {
    return this.#journal;
  }
  get signals(): readonly SagaSignal[] {
    return this.#signals;
  }
  get phase(): SagaPhase {
    return this.#phase;
  }
  get unsaved(): boolean {
    return this.#journal.length > this.#saved;
  }
  /** What the service's own code is told when it writes. */
  get told(): Told {
    return { input: this.row.input, results: resultsOf(this.#journal) };
  }

  turnBack(reason: SagaReason): void {
    this.#phase = 'backward';
    this.#turned = reason;
    this.note(turnLine(TURN, reason));
  }

  note(...lines: readonly Line[]): void {
    this.#journal = [...this.#journal, ...lines.map((line) => this.#dated(line))];
  }

  /** Notes a line together with what is written because of it. */
  noteWith(line: Line, write: JointWrite | undefined): void {
    if (write) this.#joint = [...this.#joint, { index: this.#journal.length, write }];
    this.note(line);
  }

  /** Takes a signal away with the next write. */
  take({ id }: SagaSignal): void {
    this.#taken = [...this.#taken, id];
    this.#signals = this.#signals.filter((signal) => signal.id !== id);
  }

  /**
   * Writes everything not yet written, with the change, or with the one that a look into the transaction leads to. False when the
   * service refused to write what belongs to an unsaved line; the journal then says so. Throws `Refused` for a write of the
   * change itself, and `SAGA_LOST`.
   */
  async save(change: Change | ((tx: Transaction) => Promise<Change>)): Promise<boolean> {
    try {
      const lines = await this.#write(change);
      this.#journal = [...this.#journal.slice(0, this.#saved), ...lines];
    } catch (thrown) {
      const refused = thrown instanceof Refused && this.#joint.find(({ write }) => write === thrown.write);
      if (!refused) throw thrown;
      this.#takeBack(refused.index, failureOf(thrown.cause));
      return false;
    }
    this.#saved = this.#journal.length;
    this.#turned = undefined;
    this.#taken = [];
    this.#joint = [];
    return true;
  }

  /** The lines that were written. */
  async #write(change: Change | ((tx: Transaction) => Promise<Change>)): Promise<readonly JournalEntry[]> {
    const { store } = this.#desk;
    if (typeof change !== 'function' && this.#joint.length === 0 && !change.writes?.length) {
      const advance = this.#advance(change);
      if (!(await store.sagas.advance(advance))) throw sagaLost(advance.id);
      return advance.journal.entries;
    }
    return await store.transact(async (tx) => {
      const { writes = [], ...rest } = typeof change === 'function' ? await change(tx) : change;
      const advance = this.#advance(rest);
      if (!(await tx.sagas.advance(advance))) throw sagaLost(advance.id);
      for (const write of [...this.#joint.map((joint) => joint.write), ...writes]) await write(tx);
      return advance.journal.entries;
    });
  }

  #advance({
    set,
    lines = [],
    takes = [],
    release = false,
  }: Change): SagaAdvance & { journal: { entries: readonly JournalEntry[] } } {
    const { id, fence } = this.row;
    const entries = [...this.#journal.slice(this.#saved), ...lines.map((line) => this.#dated(line))];
    const turned: SagaChange | undefined = this.#turned && {
      phase: 'backward',
      status: 'compensating',
      reason: reasonText(this.#turned),
    };
    return {
      id,
      fence,
      release,
      journal: { after: this.#saved, entries },
      set: turned || set ? { ...turned, ...set } : undefined,
      takes: [...this.#taken, ...takes],
      at: this.now(),
    };
  }

  /** The step took effect but the service would not write it down: as if its outcome were unknown, so that it is undone. */
  #takeBack(index: number, error: StepFailure): void {
    const { output: _, ...line } = this.#journal[index]!;
    this.#journal = this.#journal.with(index, { ...line, status: 'unknown', error });
    this.#joint = this.#joint.filter((joint) => joint.index !== index);
  }

  #dated(line: Line): JournalEntry {
    return { ...line, at: this.now() };
  }
}

export function sagaLost(id: string): FlotillaError {
  return new FlotillaError('SAGA_LOST', { kind: 'conflict', message: `Another process goes on with saga ${id}.` });
}
