import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Policies } from '../../client/index.ts';
import type { Contract } from '../../contract/index.ts';
import type { CallHandler } from '../../transport/index.ts';
import type { Identity } from '../../security/index.ts';
import type { Agenda } from './agenda.ts';
import { chanceOf } from './chance.ts';
import { createDebts, type Debts } from './debts.ts';
import { type FaultRates, Weather } from './faults.ts';
import { type Berth, Fleet } from './fleet.ts';
import { createGate } from './gate.ts';
import { gather } from './evidence.ts';
import { brokenPromises } from './invariants.ts';
import type { Ledger } from './ledger.ts';
import { Network } from './network.ts';
import { Process } from './process.ts';
import { createTrace, noTrace } from './trace.ts';
import type { Tumult } from './tumult.ts';
import { Visits, type Workload } from './visitors.ts';
import { createWorld, type Invariant } from './world.ts';

/** A system made ready to be simulated again and again. */
export interface Stage<TContracts extends Record<string, Contract> = Record<string, Contract>> {
  readonly agenda: Agenda;
  readonly ledger: Ledger;
  readonly berths: readonly (Berth & { reset(): void })[];
  readonly instances: number;
  readonly subscribers: ReadonlyMap<string, readonly string[]>;
  readonly policies: Policies;
  readonly rates: FaultRates;
  readonly contracts: TContracts;
  readonly workload: Workload<TContracts>;
  readonly identity: ((visitor: number) => Identity) | undefined;
  readonly invariants: Readonly<Record<string, Invariant>>;
  readonly outside: (() => unknown) | undefined;
}

/** What makes one run: equal scripts lead to equal runs. */
export interface Script {
  readonly seed: number;
  /** The numbers of those who come. */
  readonly visitors: readonly number[];
  /** The only occasions at which something may go wrong; any, unless given. */
  readonly faults?: readonly string[] | undefined;
}

export interface Outcome {
  /** In words; empty when all promises were kept. */
  readonly broken: readonly string[];
  readonly faults: readonly { readonly occasion: string; readonly what: string }[];
  readonly trace: readonly string[];
}

/** So long faults may strike. */
const STORM_MS = 15_000;
/** Whatever is not at rest by then waits for a clock that was wrong, or for ever. */
const PATIENCE_MS = 240_000;
const LEAP_MS = 600_000;
const LEAPS = 15;
const LOOK_MS = 100;
const LINGER_MS = 45_000;

/** Lets a whole system run once, under the faults of one seed, until it is at rest; then asks whether all promises were kept. */
export class Run {
  readonly #stage: Stage;
  readonly #script: Script;
  readonly #tumult: Tumult;
  readonly #fleet: Fleet;
  readonly #visits: Visits<Record<string, Contract>>;
  readonly #debts: Debts;

  constructor(stage: Stage, script: Script, isTraced: boolean) {
    const { agenda, ledger, berths, instances, rates } = stage;
    const { seed } = script;
    agenda.reset();
    ledger.reset();
    for (const { reset, clock } of berths) {
      reset();
      clock.setWrongBy(0);
    }
    this.#stage = stage;
    this.#script = script;
    const weather = new Weather(seed, rates, script.faults);
    const trace = isTraced ? createTrace(agenda) : noTrace;
    this.#tumult = { agenda, weather, trace, chance: chanceOf(seed, 'time'), atWork: { count: 0 } };
    const network = new Network(this.#tumult, (service) => this.#fleet.instances(service));
    this.#fleet = new Fleet(this.#tumult, {
      ...stage,
      instances,
      seed,
      gate: createGate(this.#tumult, () => this.#fleet),
      callFrom: (process, runtime) => network.callFrom(process, runtime),
    });
    this.#visits = new Visits(this.#tumult, {
      ...stage,
      seed,
      call: (name, runtime) => {
        const outside = new Process(agenda, { service: 'outside', seat: name, name });
        return acknowledging(network.callFrom(outside, runtime), ledger);
      },
    });
    this.#debts = createDebts(
      berths.map(({ definition }) => definition),
      ledger,
    );
  }

  async finish(): Promise<Outcome> {
    const { agenda, weather } = this.#tumult;
    await this.#stage.outside?.();
    this.#fleet.start();
    this.#visits.expect(this.#script.visitors);
    agenda.in(STORM_MS, () => this.#calm());
    let isAtRest = await this.#untilRest(PATIENCE_MS);
    for (let leaps = 0; !isAtRest && leaps < LEAPS; leaps++) {
      agenda.leap(LEAP_MS);
      isAtRest = await this.#untilRest(LOOK_MS * 100);
    }
    this.#calm();
    if (chanceOf(this.#script.seed, 'linger').next() < 0.05) await this.#pass(LINGER_MS);
    this.#fleet.killAll();
    const broken = [...this.#visits.surprises, ...(await this.#judge())];
    return { broken, faults: weather.struck, trace: this.#tumult.trace.lines };
  }

  #calm(): void {
    this.#tumult.weather.calm();
    this.#fleet.heal();
  }

  async #untilRest(withinMs: number): Promise<boolean> {
    const { agenda } = this.#tumult;
    const end = agenda.now + withinMs;
    while (agenda.now < end) {
      // The longer it takes, the less it matters to see the end at once.
      await this.#pass(Math.max(LOOK_MS, agenda.now / 30));
      if (!(await this.#isSettled())) continue;
      if (!this.#fleet.isPaused) return true;
      // Nothing waits for those who stand still, so they wake up to find that they missed everything.
      this.#fleet.resumeAll();
      await this.#pass(LOOK_MS * 30);
    }
    return false;
  }

  async #isSettled(): Promise<boolean> {
    if (this.#visits.present > 0 || this.#debts.outstanding().length > 0) return false;
    for (const { definition, store } of this.#stage.berths) {
      const kinds = [...new Set(definition.sagas.map(({ name }) => name))];
      if (kinds.length > 0 && (await store.sagas.nextWake(kinds)) !== undefined) return false;
    }
    return true;
  }

  /** Lets virtual time pass. After each thing that happens everything comes to rest before the next. */
  async #pass(ms: number): Promise<void> {
    const { agenda, atWork } = this.#tumult;
    let isOver = false;
    agenda.in(ms, () => (isOver = true));
    while (!isOver) {
      agenda.step(Infinity);
      // Most of what happens leads to promises only; a commit needs turns of the event loop.
      await allPromises();
      while (atWork.count > 0) await nextTurn();
    }
  }

  async #judge(): Promise<string[]> {
    const { berths, ledger } = this.#stage;
    const evidence = await gather(berths, { ledger, outstanding: this.#debts.outstanding() });
    const world = createWorld(berths, evidence, this.#visits.results);
    const broken = brokenPromises(evidence);
    for (const [name, holds] of Object.entries(this.#stage.invariants)) {
      try {
        await holds(world);
      } catch (thrown) {
        broken.push(`${name}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
      }
    }
    return broken;
  }
}

/** Resolves when no promise has anything left to do. */
function allPromises(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

/** Enters in the ledger what outsiders are told is done. */
function acknowledging(call: CallHandler, ledger: Ledger): CallHandler {
  return async (asked, signal) => {
    const output = await call(asked, signal);
    const { service, operation, metadata } = asked;
    if (metadata.idempotencyKey !== undefined) ledger.acknowledge(`${service}.${operation} ${metadata.idempotencyKey}`);
    return output;
  };
}
