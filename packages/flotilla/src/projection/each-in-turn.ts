import type { RecordedEvent } from '../log/index.ts';
import type { Apply } from './definition.ts';

/** Which event of a batch the projection's code could not apply. */
export class EventFailure extends Error {
  readonly index: number;

  constructor(index: number, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.index = index;
  }
}

/** Applies events one by one, each by the projector of its type. Throws `EventFailure`. */
export function eachInTurn(on: object): Apply {
  const projectors = new Map<string, Projector>(Object.entries(on));
  return async (events, unit) => {
    for (const [index, event] of events.entries()) {
      try {
        await projectors.get(event.type)?.(event, unit);
      } catch (cause) {
        throw new EventFailure(index, cause);
      }
    }
  };
}

type Projector = (event: RecordedEvent, unit: object) => Promise<unknown>;
