import type { DomainEvent, RecordedEvent } from '../log/index.ts';

/** One filling of a target. */
export interface TargetMove {
  /** A rebuild fills anew, beside what is in use; each build has a number of its own. */
  readonly build: number;
  /** Where the target stands before the batch, and after it. */
  readonly from: number;
  readonly to: number;
}

/**
 * Somewhere outside the service's database: a search index, a file, another database.
 * - The target keeps the position together with what it wrote: both or neither. So a batch that comes again after a crash is known
 *   by its position, and each event counts once.
 * - `write` is called by one process at a time; one that lost its turn without knowing is found out by `from`.
 * - Whatever was written for other builds must not be touched.
 */
export interface ProjectionTarget<TEvent extends DomainEvent = DomainEvent> {
  /** How far the target has come with this build; 0 for one that it does not know. */
  position(build: number): Promise<number>;
  /** Writes a batch and moves the position from `from` to `to`. False, and nothing written, when it does not stand at `from`. */
  write(events: readonly RecordedEvent<TEvent>[], move: TargetMove): Promise<boolean>;
  /** From now on this build is the one that is read; maybe before anything was written for it. May be called again. */
  activate(build: number): Promise<void>;
  /** This build is not needed any more. May be called again. */
  drop(build: number): Promise<void>;
}
