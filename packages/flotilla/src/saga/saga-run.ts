import { FlotillaError } from '../kernel/index.ts';
import type { ClaimedSaga, JournalEntry, SagaAdvance, SagaPhase, SagaRow, SagaStatus } from '../store/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { attemptStep, settleStep, type StepClients, type StepWork } from './attempt-step.ts';
import type { SagaDefinition, SagaStep } from './definition.ts';
import { END, resultsOf } from './journal.ts';
import { type Attempt, INTERRUPTED, type Move, nextMove, type Stuck, turningReason } from './next-move.ts';
import { type Outcome, outcomeOf } from './outcome.ts';
import { actsFor } from './repair-act.ts';
import { appendSagaEvent, nameOf } from './saga-event.ts';
import { type JointWrite, type SagaDesk, unitWrite, writeAdvance, WriteRefused } from './write-advance.ts';

/** What a coordinator lends to the sagas it runs. */
export interface SagaBench extends SagaDesk {
  readonly clients: StepClients;
  readonly log: Logger;
}

/** The claim under which a saga runs. */
export interface Hold {
  /** Aborts when the claim is lost or the process can wait no longer. */
  readonly signal: AbortSignal;
  /** False when the lease is no longer young enough to begin something new, or the process is about to stop. */
  mayStart(): boolean;
}

interface Change {
  readonly set: SagaAdvance['set'];
  /** Lines that hold only if the write succeeds. */
  readonly entries?: readonly JournalEntry[];
  readonly writes?: readonly JointWrite[];
  readonly release?: boolean;
}

const GOING: Record<SagaPhase, SagaStatus> = { forward: 'running', backward: 'compensating' };
const READY: Record<SagaPhase, SagaStatus> = { forward: 'ready', backward: 'compensating' };
const WAITING: Record<SagaPhase, SagaStatus> = { forward: 'waiting', backward: 'compensating' };
const ENDED: Record<SagaPhase, SagaStatus> = { forward: 'done', backward: 'compensated' };

/** One claimed saga on its way, until it ends, waits, gets stuck, or is handed back. */
export class SagaRun {
  readonly #bench: SagaBench;
  readonly #hold: Hold;
  readonly #definition: SagaDefinition | undefined;
  readonly #saga: SagaRow;
  readonly #journal: JournalEntry[];
  /** Lines of the journal that are safe in the store. The rest goes with the next write. */
  #saved: number;
  #phase: SagaPhase;
  #reason: string | undefined;
  /** What must commit together with the unsaved success at `index`. */
  #commit: { readonly index: number; readonly write: JointWrite } | undefined;

  constructor(bench: SagaBench, claimed: ClaimedSaga, work: { definition: SagaDefinition | undefined; hold: Hold }) {
    this.#bench = bench;
    this.#hold = work.hold;
    this.#definition = work.definition;
    this.#saga = claimed.saga;
    this.#journal = [...claimed.journal];
    this.#saved = this.#journal.length;
    this.#phase = claimed.saga.phase;
    this.#reason = claimed.saga.reason;
  }

  /** Throws `SAGA_LOST` when another process has the saga, and whatever the store throws when it fails. */
  async run(): Promise<void> {
    while (await this.#follow(nextMove({ definition: this.#definition, journal: this.#journal, phase: this.#phase })));
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
        this.#phase = 'backward';
        this.#reason = describe(move.reason.step, move.reason);
        return true;
      case 'finish':
        return this.#mustWait(move) ? !(await this.#wait(move.backoffMs)) : !(await this.#finish(move));
      case 'stuck':
        return !(await this.#alert(move));
    }
  }

  async #attempt(move: Attempt): Promise<boolean> {
    if (!(await this.#save({ set: { status: GOING[this.#phase] }, entries: [this.#entry(move, 'started')] }))) return true;
    this.#note(move, await attemptStep(this.#bench, this.#work(move)));
    return true;
  }

  /** Takes an outcome into the journal; a success brings along what the service writes with it. */
  #note(move: Attempt, outcome: Outcome): void {
    // After a lost claim nothing that is learned here counts; after a stop the next owner finds out.
    this.#hold.signal.throwIfAborted();
    const { status } = outcome;
    if (status !== 'ok') {
      this.#journal.push({ ...this.#entry(move, status), error: outcome.failure });
      return;
    }
    const write = this.#writeOf(move, outcome.output);
    if (write) this.#commit = { index: this.#journal.length, write };
    this.#journal.push({ ...this.#entry(move, status), output: outcome.output });
  }

  #writeOf({ step, direction }: { step: SagaStep; direction: Attempt['direction'] }, output: unknown): JointWrite | undefined {
    const context = { input: this.#saga.input, results: resultsOf(this.#journal) };
    const { commit, undone } = step;
    if (direction === 'run') return commit && unitWrite(this.#bench, this.#saga, (unit) => commit(output, unit, context));
    return undone && unitWrite(this.#bench, this.#saga, (unit) => undone(unit, context));
  }

  async #finish({ attempt, skipHandler }: Extract<Move, { kind: 'finish' }>): Promise<boolean> {
    const handler = this.#phase === 'forward' ? this.#definition?.onDone : this.#definition?.onCompensated;
    const end = { input: this.#saga.input, results: resultsOf(this.#journal) };
    const reason = this.#phase === 'backward' ? { reason: turningReason(this.#journal) } : {};
    const write =
      handler && !skipHandler ? [unitWrite(this.#bench, this.#saga, (unit) => handler(unit, { ...end, ...reason }))] : [];
    try {
      return await this.#save({ set: { status: ENDED[this.#phase] }, writes: write, release: true });
    } catch (thrown) {
      if (!(thrown instanceof WriteRefused)) throw thrown;
      const at = { step: { name: END }, direction: this.#phase === 'forward' ? 'run' : 'compensate', attempt } as const;
      this.#logRefusal(END, thrown.cause);
      this.#journal.push(this.#entry(at, 'started'), { ...this.#entry(at, 'failed'), error: failureOf(thrown.cause) });
      return false;
    }
  }

  /** Ends the episode with exactly one alert: the event commits with the status. */
  async #alert({ at, code, message }: Stuck): Promise<boolean> {
    const [saga, { runtime, log }] = [this.#saga, this.#bench];
    const data = { ...nameOf(saga), step: at?.step, code, message, acts: actsFor(at) };
    const write: JointWrite = (tx) => appendSagaEvent(tx, { saga, event: { type: 'saga.stuck', data }, runtime });
    this.#reason = describe(at?.step, { code, message });
    const saved = await this.#save({ set: { status: 'stuck' }, writes: [write], release: true });
    if (saved) log.error(data, `saga ${saga.kind} is stuck: ${this.#reason} See 'flotilla sagas show ${saga.id}'.`);
    return saved;
  }

  /** A retry waits once: right after the failure, while that is not written down yet. */
  #mustWait({ backoffMs }: { backoffMs: number }): boolean {
    return backoffMs > 0 && this.#journal.length > this.#saved;
  }

  async #wait(backoffMs: number): Promise<boolean> {
    const { clock, random } = this.#bench.runtime;
    const wakeAt = Math.ceil(clock.now() + random.next() * backoffMs);
    return await this.#save({ set: { status: WAITING[this.#phase], wakeAt }, release: true });
  }

  async #handBack(): Promise<boolean> {
    return await this.#save({ set: { status: READY[this.#phase], wakeAt: this.#bench.runtime.clock.now() }, release: true });
  }

  /** Writes everything not yet written, with the change. False when the service refused its own part; the journal then says so. */
  async #save({ set, entries = [], writes = [], release = false }: Change): Promise<boolean> {
    const { id, fence } = this.#saga;
    const advance: SagaAdvance = {
      id,
      fence,
      entries: [...this.#journal.slice(this.#saved), ...entries],
      set: { ...set, phase: this.#phase, reason: this.#reason },
      release,
      at: this.#bench.runtime.clock.now(),
    };
    try {
      const saved = await writeAdvance(this.#bench, advance, this.#commit ? [this.#commit.write, ...writes] : writes);
      if (!saved) throw sagaLost(id);
    } catch (thrown) {
      if (!(thrown instanceof WriteRefused) || thrown.write !== this.#commit?.write) throw thrown;
      this.#refuse(this.#commit.index, thrown.cause);
      return false;
    }
    this.#journal.push(...entries);
    this.#saved = this.#journal.length;
    this.#commit = undefined;
    return true;
  }

  /** The step took effect, but the service refused to write it down: as if its outcome were unknown, so that it is undone. */
  #refuse(index: number, cause: unknown): void {
    const { output: _, ...refused } = this.#journal[index]!;
    this.#logRefusal(refused.step, cause);
    this.#journal.splice(index, Infinity, { ...refused, status: 'unknown', error: failureOf(cause) });
    this.#commit = undefined;
  }

  #logRefusal(step: string, error: unknown): void {
    this.#bench.log.warn({ sagaId: this.#saga.id, step, error }, 'the writes of a saga step were refused');
  }

  #work(move: Attempt): StepWork {
    const { step, direction, attempt } = move;
    const calls = this.#definition?.calls ?? {};
    return { step, direction, attempt, saga: this.#saga, calls, journal: this.#journal, signal: this.#hold.signal };
  }

  #entry(
    move: { step: { name: string }; direction: Attempt['direction']; attempt: number },
    status: JournalEntry['status'],
  ): JournalEntry {
    return {
      step: move.step.name,
      direction: move.direction,
      attempt: move.attempt,
      status,
      at: this.#bench.runtime.clock.now(),
    };
  }
}

export function sagaLost(id: string): FlotillaError {
  return new FlotillaError('SAGA_LOST', { kind: 'conflict', message: `Another process goes on with saga ${id}.` });
}

function failureOf(thrown: unknown): unknown {
  const outcome = outcomeOf(thrown, true);
  return outcome.status === 'ok' ? undefined : outcome.failure;
}

function describe(step: string | undefined, { code, message }: { code: string; message: string }): string {
  return `${step === undefined ? '' : `${step}: `}${code}: ${message}`;
}
