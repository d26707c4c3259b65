import type { Fault } from './faults.ts';
import type { Fleet } from './fleet.ts';
import { type Gate, storeUnavailable } from './gated-store.ts';
import type { Process } from './process.ts';
import { lapse, type Tumult } from './tumult.ts';

const STORE_MS = { least: 0.1, most: 3 };

/** The way from processes to their stores: every call takes a while, so that calls of different processes mix, and may be hit. */
export function createGate(tumult: Tumult, fleet: () => Fleet): Gate {
  const { agenda, weather, chance, trace, atWork } = tumult;

  async function untilAlive(process: Process): Promise<void> {
    for (let hindrance = process.hindered(); hindrance; hindrance = process.hindered()) await hindrance;
  }

  function strike(fault: Fault, process: Process, what: string): void {
    const told = fleet().strike(fault, process);
    weather.note(fault, `${told} ${what}`);
    trace.add(`! ${told} ${what}`);
  }

  return async (process, what, effect) => {
    if (process.state !== 'alive') await untilAlive(process);
    const fault = weather.atStoreCall(`${process.seat} ${what}`);
    await lapse(agenda, chance.between(STORE_MS.least, STORE_MS.most));
    const isEarly = fault !== undefined && (fault.kind === 'storeUnavailable' || fault.dice.next() < 0.5);
    if (fault && isEarly && fault.kind !== 'commitUnheard') strike(fault, process, `before ${what}`);
    if (process.state !== 'alive') await untilAlive(process);
    if (fault?.kind === 'storeUnavailable') throw storeUnavailable(what);
    trace.add(`${process.name} ${what}`);
    atWork.count += 1;
    const outcome = await settled(effect).finally(() => (atWork.count -= 1));
    if (fault && (!isEarly || fault.kind === 'commitUnheard')) strike(fault, process, `after ${what}`);
    if (process.state !== 'alive') await untilAlive(process);
    if (fault?.kind === 'commitUnheard') throw storeUnavailable(what);
    return outcome();
  };
}

async function settled<TResult>(effect: () => Promise<TResult>): Promise<() => TResult> {
  try {
    const result = await effect();
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
