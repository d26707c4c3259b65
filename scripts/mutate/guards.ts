const LIBRARY = 'packages/flotilla/src';

export interface Tests {
  readonly files: readonly string[];
  /** Those whose names match; all, unless given. */
  readonly named?: string;
}

/** Tests by which a mutation is caught: whole systems under faults, one saga under every fault, or one part alone. */
export const GUARDS = {
  simulation: { files: [`${LIBRARY}/testing/simulator/freight.test.ts`] },
  crash: { files: [`${LIBRARY}/testing/crash.test.ts`], named: 'all goes well$|declined$' },
  interleavings: { files: [`${LIBRARY}/testing/interleavings.test.ts`] },
  store: { files: [`${LIBRARY}/store/sqlite/sqlite.test.ts`] },
  units: {
    files: [`${LIBRARY}/log/open-unit.test.ts`, `${LIBRARY}/saga/attempt-step.test.ts`, `${LIBRARY}/service/answer.test.ts`],
  },
  power: { files: [`${LIBRARY}/testing/power-loss.test.ts`] },
  postgres: { files: ['packages/postgres/src/store/postgres.test.ts'] },
  pooler: { files: ['packages/postgres/src/store/pooler.test.ts'], named: 'the reader can not write|polls for' },
  fence: { files: ['packages/postgres/src/store/fence.test.ts'] },
} as const satisfies Record<string, Tests>;

export type Guard = keyof typeof GUARDS;

/** Enough for every mutation that the simulation is to catch, and few enough to wait for. */
export const GUARD_ENV: Readonly<Record<string, string>> = { SIMULATION_SEEDS: '2000' };
