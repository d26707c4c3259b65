import type { SagaPhase, SagaStatus, StepDirection } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { attemptStep, settleStep, type StepClients, type StepWork } from './attempt-step.ts';
import type { Hold } from './claims.ts';
import type { SagaDefinition } from './definition.ts';
import { END, reasonText, resultsOf } from './journal.ts';
import { type Attempt, INTERRUPTED, type Move, nextMove, type Stuck, turningReason } from './next-move.ts';
import { failureOf, type Outcome } from './outcome.ts';
import { actsFor } from './repair-act.ts';
import type { SagaDraft } from './saga-draft.ts';
import { appendSagaEvent, nameOf } from './saga-event.ts';
import { type JointWrite, type SagaDesk, unitWrite, WriteRefused } from './write-advance.ts';

/** What a coordinator lends to the sagas it runs. */
export interface SagaBench extends SagaDesk {
  readonly clients: StepClients;
  readonly log: Logger;
}

interface PhaseWords {
  readonly going: SagaStatus;
  readonly ready: SagaStatus;
  readonly waiting: SagaStatus;
  readonly ended: SagaStatus;
  readonly direction: StepDirection;
}
const WORDS: Record<SagaPhase, PhaseWords> = {
  forward: { going: 'running', ready: 'ready', waiting: 'waiting', ended: 'done', direction: 'run' },
  backward: {
    going: 'compensating',
    ready: 'compensating',
    waiting: 'compensating',
    ended: 'compensated',
    direction: 'compensate',
  },
};

/** One claimed saga on its way, until it ends, waits, gets stuck, or is handed back. */
export class SagaRun {
  readonly #bench: SagaBench;
  readonly #draft: SagaDraft;
  readonly #definition: SagaDefinition | undefined;
  readonly #hold: Hold;

  constructor(bench: SagaBench, draft: SagaDraft, work: { definition: SagaDefinition | undefined; hold: Hold }) {
    this.#bench = bench;
    this.#draft = draft;
    this.#definition = work.definition;
    this.#hold = work.hold;
  }

  /** Throws `SAGA_LOST` when another process has the saga, and whatever the store throws when it fails. */
  async run(): Promise<void> {
    const { journal } = this.#draft;
    while (await this.#follow(nextMove({ definition: this.#definition, journal, phase: this.#draft.phase })));
  }

  /** Makes one move; false when this process is through with the saga. A write that was refused leads to another move. */
  async #follow(move: Move): Promise<boolean> {
    switch (move.kind) {
      case 'settle':
        if (!this.#hold.mayStart()) return !(await this.#handBack());
        this.#note(move, await settleStep(this.#bench, this.#work(move), { status: 'unknown', failure: INTERRUPTED }));
        return true;
      case 'attempt':
        if (this.#mustWait(move)) return !(await this.#wait(move.backoffMs));
        return this.#hold.mayStart() ? await this.#attempt(move) : !(await this.#handBack());
      case 'turn-back':
        this.#draft.turnBack(move.reason);
        return true;
      case 'finish':
        return this.#mustWait(move) ? !(await this.#wait(move.backoffMs)) : !(await this.#finish(move));
      case 'stuck':
        return !(await this.#alert(move));
    }
  }

  async #attempt(move: Attempt): Promise<boolean> {
    const started = { ...lineOf(move), status: 'started' } as const;
    if (await this.#draft.save({ set: { status: this.#words.going }, lines: [started] })) {
      this.#note(move, await attemptStep(this.#bench, this.#work(move)));
    }
    return true;
  }

  /** Takes an outcome into the journal; a success brings along what the service writes with it. */
  #note(move: Attempt, outcome: Outcome): void {
    // After a lost claim nothing that is learned here counts; after a stop the next owner finds out.
    this.#hold.signal.throwIfAborted();
    const line = { ...lineOf(move), status: outcome.status };
    if (outcome.status !== 'ok') return this.#draft.note({ ...line, error: outcome.failure });
    this.#draft.noteSuccess({ ...line, output: outcome.output }, this.#writeOf(move, outcome.output));
  }

  #writeOf({ step, direction }: Attempt, output: unknown): JointWrite | undefined {
    const { commit, undone } = step;
    const context = this.#told();
    if (direction === 'run') return commit && unitWrite(this.#bench, this.#draft.row, (unit) => commit(output, unit, context));
    return undone && unitWrite(this.#bench, this.#draft.row, (unit) => undone(unit, context));
  }

  async #finish({ attempt, skipHandler }: Extract<Move, { kind: 'finish' }>): Promise<boolean> {
    const { ended, direction } = this.#words;
    const write = skipHandler ? undefined : this.#endWrite();
    try {
      return await this.#draft.save({ set: { status: ended }, writes: write ? [write] : [], release: true });
    } catch (thrown) {
      if (!(thrown instanceof WriteRefused)) throw thrown;
      const line = { step: END, direction, attempt };
      this.#bench.log.warn({ direction, attempt, err: thrown.cause }, 'the end of a saga was refused');
      this.#draft.note({ ...line, status: 'started' }, { ...line, status: 'failed', error: failureOf(thrown.cause) });
      return false;
    }
  }

  #endWrite(): JointWrite | undefined {
    const end = this.#told();
    const { row, phase, journal } = this.#draft;
    if (phase === 'forward') {
      const done = this.#definition?.onDone;
      return done && unitWrite(this.#bench, row, (unit) => done(unit, end));
    }
    const compensated = this.#definition?.onCompensated;
    const reason = turningReason(journal);
    return compensated && unitWrite(this.#bench, row, (unit) => compensated(unit, { ...end, reason }));
  }

  /** Ends the episode with exactly one alert: the event commits with the status. */
  async #alert({ at, code, message }: Stuck): Promise<boolean> {
    const { runtime, log } = this.#bench;
    const saga = this.#draft.row;
    const reason = reasonText({ step: at?.step, code, message });
    const data = { ...nameOf(saga), step: at?.step, code, message, acts: actsFor(at) };
    const write: JointWrite = (tx) => appendSagaEvent(tx, { saga, event: { type: 'saga.stuck', data }, runtime });
    const saved = await this.#draft.save({ set: { status: 'stuck', reason }, writes: [write], release: true });
    if (saved) log.error(data, `saga ${saga.kind} is stuck at ${reason} See 'flotilla sagas show ${saga.id}'.`);
    return saved;
  }

  /** A retry waits once: right after the failure, while that is not written down yet. */
  #mustWait({ backoffMs }: { backoffMs: number }): boolean {
    return backoffMs > 0 && this.#draft.unsaved;
  }

  async #wait(backoffMs: number): Promise<boolean> {
    const { clock, random } = this.#bench.runtime;
    // Half of it is certain, so that patience is what it says; the other half keeps sagas from coming back all at once.
    const wakeAt = Math.ceil(clock.now() + (backoffMs / 2) * (1 + random.next()));
    return await this.#draft.save({ set: { status: this.#words.waiting, wakeAt }, release: true });
  }

  async #handBack(): Promise<boolean> {
    const wakeAt = this.#bench.runtime.clock.now();
    return await this.#draft.save({ set: { status: this.#words.ready, wakeAt }, release: true });
  }

  get #words(): PhaseWords {
    return WORDS[this.#draft.phase];
  }

  /** What the service's own code is told when it writes. */
  #told(): { input: unknown; results: Record<string, unknown> } {
    return { input: this.#draft.row.input, results: resultsOf(this.#draft.journal) };
  }

  #work({ step, direction, attempt }: Attempt): StepWork {
    const calls = this.#definition?.calls ?? {};
    const { row: saga, journal } = this.#draft;
    return { step, direction, attempt, saga, calls, journal, signal: this.#hold.signal };
  }
}

function lineOf({ step, direction, attempt }: Attempt): { step: string; direction: StepDirection; attempt: number } {
  return { step: step.name, direction, attempt };
}
