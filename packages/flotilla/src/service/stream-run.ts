import { followAggregate } from '../log/index.ts';
import type { Follow } from './context.ts';
import { type Task, WaitingRun } from './runs.ts';
import type { Workplace } from './workplace.ts';
import type { Operation } from '../contract/index.ts';

/** A query that goes on telling. */
export class StreamRun extends WaitingRun {
  readonly #work: Workplace;

  constructor(work: Workplace, operation: Operation, task: Task) {
    super(work, operation, task);
    this.#work = work;
  }

  get follow(): Follow {
    const { store, runtime, definition, keepSnapshot } = this.#work;
    const options = { store, clock: runtime.clock, signal: this.signal, contract: definition.contract, keepSnapshot };
    return (of, id) => followAggregate(options, { of, id });
  }
}
