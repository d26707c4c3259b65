import type { Runtime } from 'flotilla/kernel';
import { drainOrder } from './drain-order.ts';
import { type Happening, Keeper } from './keeper.ts';
import type { PartProcess } from './part-process.ts';
import type { Part } from './survey.ts';

/** One of the numbered copies of a part. */
export interface InstanceName {
  readonly part: string;
  /** From 1. */
  readonly instance: number;
}

export type InstanceHappening = InstanceName & Happening;

export interface FleetOptions {
  readonly launch: (name: InstanceName) => PartProcess;
  readonly instancesOf: (part: string) => number;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly report: (happening: InstanceHappening) => void;
  /** Gets each part that is about to restart because it is not made from the same any more. */
  readonly renewing: (changed: ChangedPart) => void;
}

/** A part that is not what it was, and why. */
export interface ChangedPart {
  readonly part: string;
  readonly why: readonly string[];
}

/** How the start of a fleet went. */
export type Outset = 'ready' | 'nothing runs';

/** All processes of a system, each kept by its keeper. */
export interface Fleet {
  readonly keepers: ReadonlyMap<string, readonly Keeper[]>;
  /** Resolves when every instance is up for the first time, or given up. */
  readonly settled: Promise<Outset>;
  /**
   * Brings the fleet to what the system is now: new parts start, those that are gone stop, and those made from something that
   * changed restart, one instance after the other.
   */
  adopt(parts: readonly Part[]): void;
  /** Stops all, in the order in which they can still finish what they have. */
  stop(): Promise<void>;
  kill(): void;
}

export function createFleet({ launch, instancesOf, runtime, report, renewing }: FleetOptions): Fleet {
  const keepers = new Map<string, readonly Keeper[]>();
  let present: readonly Part[] = [];
  let isOver = false;
  const all = (): Keeper[] => [...keepers.values()].flat();
  const settled = Promise.withResolvers<Outset>();
  const keep = (name: InstanceName): Keeper => {
    const tell = (happening: Happening): void => {
      report({ ...name, ...happening });
      const outset = outsetOf(all());
      if (outset !== undefined) settled.resolve(outset);
    };
    return new Keeper({ runtime, launch: () => launch(name), report: tell });
  };
  const start = (part: string): void => {
    const count = instancesOf(part);
    const names = Array.from({ length: count }, (_, index): InstanceName => ({ part, instance: index + 1 }));
    keepers.set(part, names.map(keep));
  };
  const stopPart = async (part: string): Promise<void> => {
    await Promise.all((keepers.get(part) ?? []).map((keeper) => keeper.stop()));
  };
  const leave = async (part: string): Promise<void> => {
    await stopPart(part);
    keepers.delete(part);
    // It may have come back while it was going.
    if (!isOver && present.some(({ name }) => name === part)) start(part);
  };
  return {
    keepers,
    settled: settled.promise,
    adopt: (parts) => {
      const changed = changedParts(present, parts);
      const gone = present.filter(({ name }) => !parts.some((part) => part.name === name));
      present = parts;
      for (const { name } of parts) if (!keepers.has(name)) start(name);
      for (const { name } of gone) void leave(name);
      for (const one of changed) {
        renewing(one);
        void renewInTurn(keepers.get(one.part)!);
      }
    },
    stop: async () => {
      isOver = true;
      for (const group of drainOrder(present)) await Promise.all(group.map(stopPart));
      await Promise.all(all().map((keeper) => keeper.stop()));
    },
    kill: () => all().forEach((keeper) => keeper.kill()),
  };
}

/** Undefined as long as something may still come up. */
function outsetOf(keepers: readonly Keeper[]): Outset | undefined {
  if (keepers.some(({ state }) => state !== 'up' && state !== 'failed')) return undefined;
  return keepers.every(({ state }) => state === 'failed') ? 'nothing runs' : 'ready';
}

async function renewInTurn(keepers: readonly Keeper[]): Promise<void> {
  for (const keeper of keepers) await keeper.renew();
}

/** The parts in both lists that are made from something else now. */
export function changedParts(before: readonly Part[], after: readonly Part[]): ChangedPart[] {
  return after.flatMap(({ name, madeFrom }) => {
    const old = before.find((part) => part.name === name)?.madeFrom;
    if (!old) return [];
    const things = new Set([...Object.keys(old), ...Object.keys(madeFrom)]);
    const why = [...things].filter((thing) => old[thing] !== madeFrom[thing]);
    return why.length > 0 ? [{ part: name, why }] : [];
  });
}
