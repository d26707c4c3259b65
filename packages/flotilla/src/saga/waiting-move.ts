import { isOver, type Progress, type StepProgress } from './journal.ts';
import { type Move, stuckAt } from './move.ts';
import type { Standing } from './next-move.ts';
import type { ChildStage, WaitingStage } from './stage.ts';

/** What is noted when a wait begins. */
export interface Begun {
  /** Wall-clock milliseconds of the store. */
  readonly until?: number;
  /** Id of the child saga. */
  readonly child?: string;
}

/** What a stage that waits does next; `failed` when it went wrong for good, undefined when it is over. */
export function waitingMove(stage: WaitingStage, { run }: StepProgress, standing: Standing): Move | 'failed' | undefined {
  if (isOver(run)) return undefined;
  const { name } = stage;
  if (run.last === 'failed') {
    const at = { step: name, direction: 'run', attempt: run.attempt } as const;
    // Whoever said what this version can't read meant something: a person finds out what.
    return run.failure?.code === 'INVALID_SIGNAL' ? stuckAt(at, run.failure) : 'failed';
  }
  if (stage.kind === 'lock') return { kind: 'lock', stage, isFirst: run.attempt === 0 };
  if (run.last !== 'started') return { kind: 'begin', stage, attempt: run.attempt + 1 };
  const signal = standing.signals.find((one) => one.name === name);
  if (signal) return { kind: 'receive', stage, attempt: run.attempt, signal };
  const { until } = begunOf(run);
  if (until !== undefined && standing.now >= until) return { kind: 'time-over', stage, attempt: run.attempt };
  return { kind: 'rest', name, until };
}

/** What is left to do until a child is undone; undefined when nothing is. */
export function undoChildMove(stage: ChildStage, { run, compensate }: StepProgress, standing: Standing): Move | undefined {
  if (run.effects.length === 0 || isOver(compensate)) return undefined;
  const { last, attempt } = compensate;
  if (last === 'failed') return stuckAt({ step: stage.name, direction: 'compensate', attempt }, compensate.failure);
  if (last !== 'started') return { kind: 'undo-child', stage, attempt: attempt + 1 };
  const signal = standing.signals.find((one) => one.name === stage.name);
  return signal ? { kind: 'child-undone', stage, attempt, signal } : { kind: 'rest', name: stage.name, until: undefined };
}

export function begunOf({ begun }: Progress): Begun {
  // Noted by `begin` from exactly this type.
  return (begun ?? {}) as Begun;
}
