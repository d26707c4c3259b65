import type { Contract } from '../contract/index.ts';
import type { Runtime } from '../kernel/index.ts';
import { openUnit, type Unit } from '../log/index.ts';
import type { SagaAdvance, SagaRow, Store, Transaction } from '../store/index.ts';
import { originOf } from './start.ts';

export interface SagaDesk {
  readonly store: Store;
  /** The service that owns the sagas: what their handlers may emit. */
  readonly contract: Contract;
  readonly runtime: Runtime;
}

/** Something that must commit together with an advance. */
export type JointWrite = (tx: Transaction) => Promise<void>;

/** The code of the service refused a joint write; nothing of the advance was kept. */
export class WriteRefused extends Error {
  readonly write: JointWrite;

  constructor(write: JointWrite, cause: unknown) {
    super('A write that belongs to a saga step was refused.', { cause });
    this.write = write;
  }
}

/** A joint write by the code of the service. */
export function unitWrite({ contract, runtime }: SagaDesk, saga: SagaRow, work: (unit: Unit) => unknown): JointWrite {
  return async function write(tx) {
    try {
      const { unit, flush } = openUnit({ tx, contract, runtime, origin: originOf(saga) });
      await work(unit);
      await flush();
    } catch (cause) {
      throw new WriteRefused(write, cause);
    }
  };
}

/** Writes an advance and all that belongs to it, or nothing. False when another process has the saga. Throws `WriteRefused`. */
export async function writeAdvance({ store }: SagaDesk, advance: SagaAdvance, writes: readonly JointWrite[]): Promise<boolean> {
  if (writes.length === 0) return await store.sagas.advance(advance);
  return await store.transact(async (tx) => {
    if (!(await tx.sagas.advance(advance))) return false;
    for (const write of writes) await write(tx);
    return true;
  });
}
