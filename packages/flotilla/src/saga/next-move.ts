import type { JournalEntry, SagaPhase, SagaSignal } from '../store/index.ts';
import type { SagaDefinition, SagaReason } from './definition.ts';
import {
  CANCEL,
  END,
  foldJournal,
  isOver,
  type Progress,
  progressOf,
  type StepFailure,
  type StepsProgress,
  TURN,
} from './journal.ts';
import { INTERRUPTED, type Move, stuck, stuckAt } from './move.ts';
import { namesOf, type Stage } from './stage.ts';
import type { SagaStep } from './step.ts';
import { backoffMs, BEFORE_ASKING, BEFORE_TURNING, tryAll } from './trial.ts';
import { undoChildMove, waitingMove } from './waiting-move.ts';

/** Where a saga stands: everything that decides what comes next. */
export interface Standing {
  /** Undefined when this process does not know the version the saga was started with. */
  readonly definition: SagaDefinition | undefined;
  readonly journal: readonly JournalEntry[];
  readonly phase: SagaPhase;
  /** What came that the saga waits for. */
  readonly signals: readonly SagaSignal[];
  /** Wall-clock milliseconds of the store. */
  readonly now: number;
}

const END_TRIES = 5;

/** Decides what a saga does next. Pure: the same standing leads every process, before and after a crash, to the same move. */
export function nextMove(standing: Standing): Move {
  const { definition, journal, phase } = standing;
  if (!definition) {
    return stuck('UNKNOWN_SAGA_VERSION', 'This process does not know the version of the saga. Deploy one that does, then retry.');
  }
  const steps = foldJournal(journal);
  const known = namesIn(definition);
  const unknown = steps.keys().find((name) => !known.has(name));
  if (unknown !== undefined) {
    const message = `The journal tells of a step '${unknown}' that the saga no longer has. Bring it back, then retry.`;
    return stuck('UNKNOWN_STEP', message);
  }
  const { stages } = definition;
  const move = phase === 'forward' ? forward(stages, steps, standing) : backward(stages, steps, standing);
  return move ?? finish(phase, steps);
}

const names = new WeakMap<SagaDefinition, ReadonlySet<string>>();

/** Every name that lines of the journal may have; gathered once for each definition. */
function namesIn(definition: SagaDefinition): ReadonlySet<string> {
  let known = names.get(definition);
  if (!known) names.set(definition, (known = new Set([...definition.stages.flatMap(namesOf), END, TURN, CANCEL])));
  return known;
}

/** True when a saga can't turn back any more: its pivot happened, or may have and can't be undone. */
export function isPastPivot(definition: SagaDefinition, journal: readonly JournalEntry[]): boolean {
  const steps = foldJournal(journal);
  const pivots = definition.stages.flatMap((stage) => (stage.kind === 'steps' ? stage.steps.filter(({ pivot }) => pivot) : []));
  return pivots.some((pivot) => {
    const { run } = progressOf(steps, pivot.name);
    return isOver(run) || isIrreversible(pivot, run);
  });
}

function forward(stages: readonly Stage[], steps: StepsProgress, standing: Standing): Move | undefined {
  let pivotPassed = false;
  for (const stage of stages) {
    if (stage.kind === 'steps') {
      const trials = stage.steps.map((step) => {
        return { step, direction: 'run', progress: progressOf(steps, step.name).run } as const;
      });
      const { move, hopeless } = tryAll(trials, pivotPassed ? BEFORE_ASKING : BEFORE_TURNING);
      if (move) return move;
      if (hopeless) {
        const { step, progress } = hopeless;
        return giveUp(step.name, progress, pivotPassed || isIrreversible(step, progress));
      }
      pivotPassed ||= stage.steps.some(({ pivot }) => pivot);
    } else {
      const progress = progressOf(steps, stage.name);
      const move = waitingMove(stage, progress, standing);
      if (move === 'failed') return giveUp(stage.name, progress.run, pivotPassed);
      if (move) return move;
    }
  }
  return undefined;
}

/** Turning back is safe only while everything that happened, or may have, can be undone. */
function giveUp(step: string, { attempt, failure }: Progress, noWayBack: boolean): Move {
  if (noWayBack) return stuckAt({ step, direction: 'run', attempt }, failure);
  return { kind: 'turn-back', reason: reasonOf(step, failure ?? INTERRUPTED) };
}

/** A pivot that may have happened and has no compensation leaves no safe way. */
function isIrreversible({ pivot, compensate }: SagaStep, run: Progress): boolean {
  return pivot && run.effects.length > 0 && !compensate;
}

function backward(stages: readonly Stage[], steps: StepsProgress, standing: Standing): Move | undefined {
  for (const stage of stages.toReversed()) {
    if (stage.kind === 'child') {
      const move = undoChildMove(stage, progressOf(steps, stage.name), standing);
      if (move) return move;
    } else if (stage.kind === 'steps') {
      const move = undoSteps(stage.steps, steps);
      if (move) return move;
    }
  }
  return undefined;
}

/** Undoes what happened or may have; steps that stood side by side are undone side by side. */
function undoSteps(all: readonly SagaStep[], steps: StepsProgress): Move | undefined {
  const done = all.filter(({ name, compensate }) => compensate && progressOf(steps, name).run.effects.length > 0);
  const trials = done.map((step) => {
    return { step, direction: 'compensate', progress: progressOf(steps, step.name).compensate } as const;
  });
  const { move, hopeless } = tryAll(trials, BEFORE_ASKING);
  if (!hopeless) return move;
  const { step, progress } = hopeless;
  return stuckAt({ step: step.name, direction: 'compensate', attempt: progress.attempt }, progress.failure);
}

function finish(phase: SagaPhase, steps: StepsProgress): Move {
  const direction = phase === 'forward' ? 'run' : 'compensate';
  const end = progressOf(steps, END)[direction];
  const skipHandler = end.last === 'skipped';
  // An end handler is journalled only when it fails: one that works commits with the end of the saga itself.
  if (end.tries >= END_TRIES && !skipHandler) return stuckAt({ step: END, direction, attempt: end.attempt }, end.failure);
  const wait = skipHandler ? 0 : backoffMs(BEFORE_ASKING.backoff, end.tries);
  return { kind: 'finish', attempt: end.attempt + 1, backoffMs: wait, skipHandler };
}

function reasonOf(step: string, { code, message }: StepFailure): SagaReason {
  return { step, code, message };
}
