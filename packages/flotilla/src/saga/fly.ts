import { childUndone, undoChild } from './child.ts';
import { alert, finish } from './fly-end.ts';
import { attempt, makeAttempts, settle } from './fly-steps.ts';
import { begin, lock, receive, rest, timeOver } from './fly-waits.ts';
import { type Flight, type GoesOn, letGo } from './flight.ts';
import type { Attempt, Move } from './move.ts';
import { nextMove } from './next-move.ts';

/**
 * Goes on with a claimed saga until it ends, waits, gets stuck, or is handed back; first with attempts that began when it was
 * born. Throws `SAGA_LOST` when another process has the saga, and whatever the store throws when it fails.
 */
export async function fly(flight: Flight, begun: readonly Attempt[]): Promise<void> {
  const { draft, definition } = flight;
  if (begun.length > 0) await makeAttempts(flight, begun);
  for (let goesOn: GoesOn = true; goesOn;) {
    const { journal, phase, signals } = draft;
    goesOn = await follow(flight, nextMove({ definition, journal, phase, signals, now: draft.now() }));
  }
}

/** Makes one move. A write that was refused leads to another one. */
function follow(flight: Flight, move: Move): GoesOn | Promise<GoesOn> {
  switch (move.kind) {
    case 'settle':
      return settle(flight, move);
    case 'attempt':
      return mustWait(flight, move) ? backOff(flight, move) : attempt(flight, move.attempts);
    case 'begin':
      return begin(flight, move);
    case 'lock':
      return lock(flight, move);
    case 'rest':
      return rest(flight, move);
    case 'receive':
      return receive(flight, move);
    case 'time-over':
      return timeOver(flight, move);
    case 'undo-child':
      return undoChild(flight, move);
    case 'child-undone':
      return childUndone(flight, move);
    case 'turn-back':
      flight.draft.turnBack(move.reason);
      return true;
    case 'finish':
      return mustWait(flight, move) ? backOff(flight, move) : finish(flight, move);
    case 'stuck':
      return alert(flight, move);
  }
}

/** A retry waits once: right after the failure, while that is not written down yet. */
function mustWait({ draft }: Flight, { backoffMs }: { backoffMs: number }): boolean {
  return backoffMs > 0 && draft.unsaved;
}

async function backOff(flight: Flight, { backoffMs }: { backoffMs: number }): Promise<GoesOn> {
  const { random } = flight.bench.runtime;
  // Half of it is certain, so that patience is what it says; the other half keeps sagas from coming back all at once.
  const until = Math.ceil(flight.draft.now() + (backoffMs / 2) * (1 + random.next()));
  return await letGo(flight, { until });
}
