import { type CallerContext, type Clients, createClientFactory, createUpstreams } from '../../client/index.ts';
import type { Contract } from '../../contract/index.ts';
import { type ErrorKind, isFlotillaError, type Runtime, uuidV7 } from '../../kernel/index.ts';
import { anonymous, type Identity } from '../../security/index.ts';
import { startTrace } from '../../telemetry/index.ts';
import type { CallHandler } from '../../transport/index.ts';
import { type Chance, chanceOf } from './chance.ts';
import { MachineClock } from './machine-clock.ts';
import { lapse, type Tumult } from './tumult.ts';

/** Somebody outside the system who makes use of it. Each run has several at once, which know nothing of each other. */
export interface Visitor {
  /** From 1. */
  readonly number: number;
  readonly random: Chance;
  newId(): string;
  /** Virtual time. */
  sleep(ms: number): Promise<void>;
  /** Does something again and again, a little later each time, until the system answers: with success or with a refusal. */
  insist<TResult>(work: () => Promise<TResult>): Promise<TResult>;
}

/** What visitors do. Whatever it throws fails the run, except that the system could not be reached in time. */
export type Workload<TContracts extends Record<string, Contract>> = (
  clients: Clients<TContracts>,
  visitor: Visitor,
) => Promise<unknown>;

export interface VisitsOptions<TContracts extends Record<string, Contract>> {
  readonly seed: number;
  readonly contracts: TContracts;
  readonly workload: Workload<TContracts>;
  readonly identity: ((visitor: number) => Identity) | undefined;
  readonly call: (name: string, runtime: Runtime) => CallHandler;
}

/** How long it takes until the last visitor has come: in some runs they get into each other's way, in others hardly. */
const ARRIVALS_MS = [20, 200, 2_000];
const PASSING: ReadonlySet<ErrorKind> = new Set(['unavailable', 'timeout', 'cancelled', 'exhausted']);

/** Lets visitors come; tells how many are still there, and by whom they were surprised. */
export class Visits<TContracts extends Record<string, Contract>> {
  readonly surprises: string[] = [];
  readonly results: unknown[] = [];
  present = 0;
  readonly #tumult: Tumult;
  readonly #options: VisitsOptions<TContracts>;

  constructor(tumult: Tumult, options: VisitsOptions<TContracts>) {
    this.#tumult = tumult;
    this.#options = options;
  }

  expect(visitors: readonly number[]): void {
    const withinMs = chanceOf(this.#options.seed, 'arrivals').pick(ARRIVALS_MS);
    for (const number of visitors) {
      const random = chanceOf(this.#options.seed, 'visitor', number);
      this.present += 1;
      this.#tumult.agenda.in(random.between(0, withinMs), () => void this.#receive(number, random));
    }
  }

  async #receive(number: number, random: Chance): Promise<void> {
    const { trace } = this.#tumult;
    trace.add(`visitor ${number} comes`);
    try {
      this.results.push(await this.#options.workload(...this.#equip(number, random)));
    } catch (thrown) {
      trace.add(`visitor ${number} met ${String(thrown)}`);
      if (!isPassing(thrown)) this.surprises.push(`visitor ${number} met ${describe(thrown)}`);
    }
    trace.add(`visitor ${number} goes`);
    this.present -= 1;
  }

  #equip(number: number, random: Chance): [Clients<TContracts>, Visitor] {
    const { agenda } = this.#tumult;
    const { contracts, identity } = this.#options;
    const clock = new MachineClock(agenda);
    // What its clients draw is their own, so that a lost call does not change what the visitor wants.
    const luck = chanceOf(this.#options.seed, 'calls of visitor', number);
    const runtime: Runtime = { clock, random: luck, ids: uuidV7(clock, luck), env: {} };
    const upstreams = createUpstreams({ runtime });
    const context: CallerContext = {
      identity: identity?.(number) ?? anonymous,
      caller: { internal: identity === undefined, name: `visitor ${number}` },
      trace: startTrace(luck),
      correlationId: `visitor-${number}`,
      signal: new AbortController().signal,
    };
    const call = this.#options.call(context.caller.name, runtime);
    const clients = createClientFactory({ contracts, call, runtime, upstreams })(context);
    const sleep = (ms: number): Promise<void> => lapse(agenda, ms);
    const insist = async <TResult>(work: () => Promise<TResult>): Promise<TResult> => {
      for (;;) {
        try {
          return await work();
        } catch (thrown) {
          if (!isPassing(thrown)) throw thrown;
          await sleep(random.between(100, 1_500));
        }
      }
    };
    return [clients, { number, random, newId: uuidV7(clock, random), sleep, insist }];
  }
}

function isPassing(thrown: unknown): boolean {
  return isFlotillaError(thrown) && PASSING.has(thrown.kind);
}

function describe(thrown: unknown): string {
  return isFlotillaError(thrown) ? `${thrown.code}: ${thrown.message}` : String(thrown);
}
