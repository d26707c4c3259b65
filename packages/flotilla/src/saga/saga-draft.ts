import { FlotillaError } from '../kernel/index.ts';
import type { ClaimedSaga, JournalEntry, SagaAdvance, SagaPhase, SagaRow } from '../store/index.ts';
import { type StepFailure, reasonText } from './journal.ts';
import { failureOf } from './outcome.ts';
import type { SagaReason } from './definition.ts';
import { type JointWrite, type SagaDesk, writeAdvance, WriteRefused } from './write-advance.ts';

/** A line that an attempt adds to the journal, before it is known when. */
export type Line = Omit<JournalEntry, 'at'>;

export interface Change {
  readonly set: Omit<SagaAdvance['set'], 'phase'>;
  /** Lines that hold only if the write succeeds. */
  readonly lines?: readonly Line[];
  readonly writes?: readonly JointWrite[];
  readonly release?: boolean;
}

/**
 * A claimed saga as its process knows it: the journal, of which the tail may not be written yet. What one step learned goes
 * with the write that begins the next, so that a step costs one commit.
 */
export class SagaDraft {
  readonly row: SagaRow;
  readonly #desk: SagaDesk;
  readonly #journal: JournalEntry[];
  #saved: number;
  #phase: SagaPhase;
  #reason: string | undefined;
  /** What must commit together with the unsaved success at `index`. */
  #joint: { readonly index: number; readonly write: JointWrite } | undefined;

  constructor(desk: SagaDesk, { saga, journal }: ClaimedSaga) {
    this.#desk = desk;
    this.row = saga;
    this.#journal = [...journal];
    this.#saved = journal.length;
    this.#phase = saga.phase;
    this.#reason = saga.reason;
  }

  get journal(): readonly JournalEntry[] {
    return this.#journal;
  }
  get phase(): SagaPhase {
    return this.#phase;
  }
  get unsaved(): boolean {
    return this.#journal.length > this.#saved;
  }

  turnBack(reason: SagaReason): void {
    this.#phase = 'backward';
    this.#reason = reasonText(reason);
  }

  note(...lines: readonly Line[]): void {
    this.#journal.push(...lines.map((line) => this.#dated(line)));
  }

  /** Notes a success together with what the service writes because of it. */
  noteSuccess(line: Line, write: JointWrite | undefined): void {
    if (write) this.#joint = { index: this.#journal.length, write };
    this.note(line);
  }

  /**
   * Writes everything not yet written, with the change. False when the service refused to write what belongs to the last
   * success; the journal then says so. Throws `WriteRefused` for a write of the change itself, and `SAGA_LOST`.
   */
  async save({ set, lines = [], writes = [], release = false }: Change): Promise<boolean> {
    const { id, fence } = this.row;
    const entries = lines.map((line) => this.#dated(line));
    const advance: SagaAdvance = {
      id,
      fence,
      release,
      at: this.#desk.runtime.clock.now(),
      entries: [...this.#journal.slice(this.#saved), ...entries],
      set: { reason: this.#reason, ...set, phase: this.#phase },
    };
    try {
      if (!(await writeAdvance(this.#desk, advance, this.#joint ? [this.#joint.write, ...writes] : writes))) throw sagaLost(id);
    } catch (thrown) {
      if (!(thrown instanceof WriteRefused) || thrown.write !== this.#joint?.write) throw thrown;
      this.#takeBack(this.#joint.index, failureOf(thrown.cause));
      return false;
    }
    this.#journal.push(...entries);
    this.#saved = this.#journal.length;
    this.#joint = undefined;
    return true;
  }

  /** The step took effect but the service would not write it down: as if its outcome were unknown, so that it is undone. */
  #takeBack(index: number, error: StepFailure): void {
    const { output: _, ...line } = this.#journal[index]!;
    this.#journal.splice(index, Infinity, { ...line, status: 'unknown', error });
    this.#joint = undefined;
  }

  #dated(line: Line): JournalEntry {
    return { ...line, at: this.#desk.runtime.clock.now() };
  }
}

export function sagaLost(id: string): FlotillaError {
  return new FlotillaError('SAGA_LOST', { kind: 'conflict', message: `Another process goes on with saga ${id}.` });
}
