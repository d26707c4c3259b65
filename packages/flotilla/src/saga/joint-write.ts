import type { Contract } from '../contract/index.ts';
import type { Runtime } from '../kernel/index.ts';
import { type LoadOptions, openUnit, type Unit } from '../log/index.ts';
import type { SagaRow, Store, Transaction } from '../store/index.ts';
import { originOf } from './start.ts';

/** What everything that writes sagas of one service works with. */
export interface SagaDesk {
  readonly store: Store;
  /** The service that owns the sagas: what their handlers may emit. */
  readonly contract: Contract;
  readonly runtime: Runtime;
  /** Takes snapshots of aggregates that became due. */
  readonly keepSnapshot?: LoadOptions['keepSnapshot'];
}

/** Something that must commit together with a step forward of a saga. */
export type JointWrite = (tx: Transaction) => Promise<void>;

/** The code of the service threw where it has a say; nothing of what belongs to it was kept. */
export class Refused extends Error {
  /** The joint write it refused. */
  readonly write: JointWrite | undefined;

  constructor(cause: unknown, write?: JointWrite) {
    super('The code of the service refused what belongs to a saga step.', { cause });
    this.write = write;
  }
}

/** Runs the service's own code; what it throws comes as `Refused`. */
export function own<TValue>(code: () => TValue): TValue {
  try {
    return code();
  } catch (cause) {
    throw new Refused(cause);
  }
}

/** A joint write that the code of the service has a say in. */
export function refusable(work: JointWrite): JointWrite {
  return async function write(tx) {
    try {
      await work(tx);
    } catch (cause) {
      throw new Refused(cause, write);
    }
  };
}

/** A joint write by the code of the service. */
export function unitWrite(desk: SagaDesk, saga: SagaRow, work: (unit: Unit) => unknown): JointWrite {
  const { contract, runtime, keepSnapshot } = desk;
  return refusable(async (tx) => {
    const { unit, flush } = openUnit({ tx, contract, runtime, keepSnapshot, origin: originOf(saga) });
    await work(unit);
    await flush();
  });
}
