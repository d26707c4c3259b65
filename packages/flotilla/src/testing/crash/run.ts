import { setImmediate as nextTurn } from 'node:timers/promises';
import { isFlotillaError } from '../../kernel/index.ts';
import {
  type Coordinator,
  createCoordinator,
  type RepairAct,
  type SagaDefinition,
  startSaga,
  type StepClients,
} from '../../saga/index.ts';
import { anonymous } from '../../security/index.ts';
import type { JournalEntry, SagaRow, SagaStatus, Store, StoredEvent } from '../../store/index.ts';
import { silentLogger, startTrace } from '../../telemetry/index.ts';
import type { FakeRuntime } from '../fake-runtime.ts';
import { type Fault, FaultPlan, Gate } from './gate.ts';
import { type Arrival, Harbour, type Temper } from './harbour.ts';
import { wholeJournal } from './journals.ts';
import { type Accepted, gatedRuntime, gatedStore } from './ports.ts';
import { clientsTo, shipping } from './voyage.ts';
import { Wish } from './wish.ts';

export interface Scenario {
  readonly name: string;
  readonly saga: SagaDefinition;
  /** Sagas that it starts. */
  readonly children?: readonly SagaDefinition[];
  readonly temper: Temper;
  /** How the saga may end. */
  readonly ends: readonly SagaStatus[];
  /** The saga goes on where it was started, without a claim. */
  readonly isBornClaimed?: boolean;
  /** What an operator does when the saga is stuck; the harbour is calm from then on. */
  readonly operator?: RepairAct;
  /** What somebody says to the saga of this kind, before it can ask. */
  readonly word?: { readonly to: SagaDefinition; readonly key: (key: string) => string; readonly name: string };
  /** Somebody cancels the saga when it has come to rest for the first time. */
  readonly isCancelled?: boolean;
}

/** The machine that all runs share: one database and one clock. */
export interface Machine {
  readonly store: Store;
  readonly runtime: FakeRuntime;
  /** Spoils parts of every process, to prove that the invariants notice. */
  readonly sabotage?: Sabotage;
}

export interface Sabotage {
  readonly store?: (store: Store) => Store;
  readonly clients?: (clients: StepClients) => StepClients;
}

/** All that can be seen of a run from outside once it is over. */
export interface Report {
  readonly trace: readonly string[];
  readonly saga: SagaRow | undefined;
  readonly journal: readonly JournalEntry[];
  readonly effects: readonly Arrival[];
  readonly accepted: readonly Accepted[];
  /** Of this saga, in the service's log. */
  readonly events: readonly StoredEvent[];
  readonly repairs: number;
}

/** Short, because a run waits for it to end after each crash. */
const LEASE_MS = 3_000;
/** So many turns of the event loop without a port call mean that only time can change anything. */
const QUIET_TURNS = 4;
const MAX_ROUNDS = 300;
/** Long enough for a process that slept to run into everything it still wanted to do. */
const ZOMBIE_MS = 3_000;
const ENDED: ReadonlySet<SagaStatus> = new Set(['done', 'compensated', 'cancelled', 'stuck']);

/** Lets one saga run under faults, with a new process after each crash, until everything rests. */
export class Run {
  readonly #scenario: Scenario;
  readonly #machine: Machine;
  readonly #plan: FaultPlan;
  readonly #harbour: Harbour;
  readonly #key: string;
  readonly #accepted: Accepted[] = [];
  readonly #gates: Gate[] = [];
  #process: { gate: Gate; store: Store; coordinator: Coordinator };
  readonly #started = new Wish(() => this.#start());
  readonly #said = new Wish(() => this.#say());
  readonly #repaired = new Wish(() => this.#repair());
  readonly #cancelled = new Wish(() => this.#cancel());
  #sagaId: string | undefined;
  #calm = false;

  constructor(scenario: Scenario, machine: Machine, { faults, key }: { faults: readonly Fault[]; key: string }) {
    this.#scenario = scenario;
    this.#machine = machine;
    this.#plan = new FaultPlan(faults);
    this.#key = key;
    this.#harbour = new Harbour((arrival, times) => (this.#calm ? 'ok' : scenario.temper(arrival, times)));
    this.#process = this.#boot();
  }

  async finish(): Promise<Report> {
    const head = await this.#machine.store.events.head();
    for (let round = 0; round < MAX_ROUNDS && !(await this.#rests()); round++) {
      if (this.#process.gate.state === 'alive') await this.#machine.runtime.clock.advance(1_000);
      else await this.#takeOver();
    }
    if (this.#plan.resumeAll()) {
      await this.#quiet();
      await this.#machine.runtime.clock.advance(ZOMBIE_MS);
    }
    this.#harbour.arriveLate();
    for (const gate of this.#gates) gate.kill();
    return await this.#report(head);
  }

  #boot(): { gate: Gate; store: Store; coordinator: Coordinator } {
    const { store: shared, runtime: clockwork, sabotage } = this.#machine;
    const gate = new Gate(this.#plan);
    this.#gates.push(gate);
    const runtime = gatedRuntime(clockwork, gate);
    const store = gatedStore(sabotage?.store?.(shared) ?? shared, gate, (write) => this.#accepted.push(write));
    const toShore = clientsTo(this.#harbour, gate);
    const clients = sabotage?.clients?.(toShore) ?? toShore;
    const sagas = [this.#scenario.saga, ...(this.#scenario.children ?? [])];
    const own = { contract: shipping, sagas, clients, runtime, log: silentLogger, owner: runtime.ids(), leaseMs: LEASE_MS };
    const coordinator = createCoordinator({ ...own, store });
    coordinator.start();
    return { gate, store, coordinator };
  }

  /** A new process, once the lease of the lost one is over. */
  async #takeOver(): Promise<void> {
    for (const wish of [this.#started, this.#said, this.#repaired, this.#cancelled]) wish.forget();
    await this.#machine.runtime.clock.advance(LEASE_MS + 1);
    this.#process = this.#boot();
  }

  /** Lets everything happen that needs no time to pass; true when the saga has come to its end. */
  async #rests(): Promise<boolean> {
    const { word, operator, isCancelled } = this.#scenario;
    if (word) this.#said.press();
    this.#started.press();
    await this.#quiet();
    const status = this.#sagaId === undefined ? undefined : (await this.#machine.store.sagas.find(this.#sagaId))?.saga.status;
    const acts = [
      status === 'stuck' && operator !== undefined && this.#repaired.press(),
      status !== undefined && isCancelled === true && this.#cancelled.press(),
    ];
    if (acts.includes(true)) {
      await this.#quiet();
      return false;
    }
    return status !== undefined && ENDED.has(status);
  }

  async #start(): Promise<boolean> {
    const { store, coordinator } = this.#process;
    const { runtime } = this.#machine;
    const { saga, isBornClaimed } = this.#scenario;
    const meta = { identity: anonymous, correlationId: this.#key, trace: startTrace(runtime.random) };
    const start = { input: { key: this.#key }, meta, runtime };
    this.#sagaId = isBornClaimed
      ? await coordinator.begin(saga, start)
      : await store.transact((tx) => startSaga(tx, saga, start));
    return true;
  }

  async #say(): Promise<boolean> {
    const { to, key, name } = this.#scenario.word!;
    const { store, coordinator } = this.#process;
    const signal = { key: key(this.#key), name, data: { by: 'ada' }, id: 'said' };
    await store.transact((tx) => coordinator.tell(to, signal, tx));
    return true;
  }

  async #repair(): Promise<boolean> {
    this.#calm = true;
    const repair = { id: this.#sagaId!, act: this.#scenario.operator!, reason: 'the harbour is calm', operator: 'ada' };
    return await settled(this.#process.coordinator.repair(repair), 'SAGA_NOT_STUCK');
  }

  async #cancel(): Promise<boolean> {
    const act = { id: this.#sagaId!, operator: 'ada' };
    return await settled(this.#process.coordinator.cancel(act), 'SAGA_NOT_CANCELLABLE');
  }

  async #quiet(): Promise<void> {
    for (let still = 0; still < QUIET_TURNS; still++) {
      const before = this.#plan.activity;
      await nextTurn();
      if (this.#plan.activity !== before) still = 0;
    }
  }

  async #report(head: number): Promise<Report> {
    const { store } = this.#machine;
    const found = this.#sagaId === undefined ? undefined : await store.sagas.find(this.#sagaId);
    const events = await store.events.read({ after: head, limit: 1_000 });
    return {
      trace: this.#plan.trace,
      saga: found?.saga,
      journal: found ? await wholeJournal(store, found) : [],
      effects: this.#harbour.effects,
      accepted: this.#accepted,
      events,
      repairs: events.filter(({ type }) => type === 'saga.repaired').length,
    };
  }
}

/** Resolves with whether an act was done, or can't be done any more. */
async function settled(act: Promise<unknown>, refusal: string): Promise<boolean> {
  try {
    await act;
    return true;
  } catch (error) {
    return isFlotillaError(error) && error.code === refusal;
  }
}
