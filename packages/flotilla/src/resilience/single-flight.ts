import { abortReason, FlotillaError, linkSignal, untilAborted } from '../kernel/index.ts';

/** Lets callers who want the same thing at the same time share one piece of work. */
export interface SingleFlight<TResult> {
  /**
   * Starts `work`, or joins the one under way for this key; all get its result or its error. Who leaves is let go at once,
   * the first one too. The work's own signal aborts when nobody waits for it any more, and the next caller starts anew.
   */
  run(key: string, work: (signal: AbortSignal) => Promise<TResult>, signal: AbortSignal): Promise<TResult>;
}

interface Flight<TResult> {
  readonly result: Promise<TResult>;
  readonly abandon: () => void;
  waiting: number;
}

export function createSingleFlight<TResult>(): SingleFlight<TResult> {
  const flights = new Map<string, Flight<TResult>>();

  function start(key: string, work: (signal: AbortSignal) => Promise<TResult>): Flight<TResult> {
    const link = linkSignal();
    const land = (): void => void (flights.get(key) === flight && flights.delete(key));
    const flight: Flight<TResult> = {
      result: (async () => work(link.signal))().finally(land),
      abandon: () => {
        land();
        link.abort(new FlotillaError('CANCELLED', { kind: 'cancelled', message: 'Nobody waits for this any more.' }));
      },
      waiting: 0,
    };
    flight.result.catch(() => undefined); // Whoever waits hears of it; without anybody waiting it is nobody's failure.
    flights.set(key, flight);
    return flight;
  }

  return {
    async run(key, work, signal) {
      if (signal.aborted) throw abortReason(signal);
      const flight = flights.get(key) ?? start(key, work);
      flight.waiting += 1;
      try {
        return await untilAborted(signal, flight.result);
      } finally {
        flight.waiting -= 1;
        if (flight.waiting === 0) flight.abandon();
      }
    },
  };
}
