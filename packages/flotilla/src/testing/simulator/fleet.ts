import type { Policies } from '../../client/index.ts';
import { type Runtime, uuidV7 } from '../../kernel/index.ts';
import { directBus } from '../../messaging/index.ts';
import { createHost, type ServiceDefinition } from '../../service/index.ts';
import type { Store } from '../../store/index.ts';
import type { CallHandler } from '../../transport/index.ts';
import { type Chance, chanceOf } from './chance.ts';
import type { Fault } from './faults.ts';
import { type Gate, gatedStore } from './gated-store.ts';
import type { Ledger } from './ledger.ts';
import { MachineClock } from './machine-clock.ts';
import { Process } from './process.ts';
import type { Tumult } from './tumult.ts';
import { watchedStore } from './watched-store.ts';

/** A service of the system, ready to be run by any number of processes over one database. */
export interface Berth {
  readonly definition: ServiceDefinition;
  readonly store: Store;
  /** The clock that its leases run on. */
  readonly clock: MachineClock;
  readonly config: unknown;
}

export interface FleetOptions {
  readonly berths: readonly Berth[];
  /** Of each service. */
  readonly instances: number;
  readonly seed: number;
  readonly subscribers: ReadonlyMap<string, readonly string[]>;
  readonly policies: Policies;
  readonly ledger: Ledger;
  readonly gate: Gate;
  readonly callFrom: (process: Process, runtime: Runtime) => CallHandler;
}

/** One instance of a service: it has a machine, and one process after the other. */
interface Slot {
  readonly berth: Berth;
  readonly seat: string;
  readonly clock: MachineClock;
  starts: number;
  process: Process | undefined;
}

const HOUR_MS = 3_600_000;
/** A clock gains or loses at most so much of its time: ten times what is bad for a computer. */
const WORST_DRIFT = 0.001;
const DRAIN_MS = 15_000;

/** All processes of the system: they die, stand still, are replaced, and lose track of time. */
export class Fleet {
  readonly #tumult: Tumult;
  readonly #options: FleetOptions;
  readonly #slots: readonly Slot[];
  readonly #processes = new Set<Process>();

  constructor(tumult: Tumult, options: FleetOptions) {
    this.#tumult = tumult;
    this.#options = options;
    this.#slots = options.berths.flatMap((berth) =>
      Array.from({ length: options.instances }, (_, index) =>
        this.#open(berth, `${berth.definition.contract.name}#${index + 1}`),
      ),
    );
  }

  start(): void {
    for (const slot of this.#slots) this.#boot(slot);
  }

  /** Where a call may go: what a registry would list, so also a process that has just died. */
  instances(service: string): Process[] {
    return [...this.#processes].filter((process) => process.service === service && !process.draining);
  }

  get isPaused(): boolean {
    return [...this.#processes].some(({ state }) => state === 'paused');
  }

  resumeAll(): void {
    for (const process of this.#processes) process.resume();
  }

  /** Sets all clocks right. */
  heal(): void {
    for (const { clock, berth } of this.#slots) {
      clock.setWrongBy(0);
      berth.clock.setWrongBy(0);
    }
  }

  killAll(): void {
    for (const process of this.#processes) process.kill();
  }

  /** Does to a process what a fault says, if it is one of processes; says what was done. */
  strike({ kind, dice }: Fault, process: Process): string {
    const slot = this.#slots.find((one) => one.process === process);
    const { name, service } = process;
    switch (kind) {
      case 'crash':
        return this.#crash(process, slot, dice);
      case 'restart':
        return slot && !process.draining ? this.#restart(process, slot) : `${name} goes on`;
      case 'pause':
        return this.#pause(process, dice);
      case 'clockStep': {
        const byMs = dice.between(-HOUR_MS, HOUR_MS);
        slot?.clock.setWrongBy(byMs);
        return `the clock of ${name} is wrong by ${Math.round(byMs / 1_000)} s`;
      }
      case 'storeClockStep': {
        const byMs = dice.between(-HOUR_MS, HOUR_MS);
        slot?.berth.clock.setWrongBy(byMs);
        return `the clock of the store of ${service} is wrong by ${Math.round(byMs / 1_000)} s, seen by ${name}`;
      }
      case 'storeUnavailable':
        return `the store refuses ${name}`;
      default:
        return `the store answers ${name} and is not heard`;
    }
  }

  #crash(process: Process, slot: Slot | undefined, dice: Chance): string {
    process.kill();
    const { agenda } = this.#tumult;
    // The registry needs a while to notice.
    agenda.in(dice.between(0, 500), () => this.#processes.delete(process));
    if (slot) agenda.in(dice.between(50, 5_000), () => this.#boot(slot));
    return `${process.name} crashes`;
  }

  #pause(process: Process, dice: Chance): string {
    const ms = dice.pick([dice.between(500, 5_000), dice.between(20_000, 60_000)]);
    process.pause();
    this.#tumult.agenda.in(ms, () => process.resume());
    return `${process.name} stands still for ${Math.round(ms)} ms`;
  }

  #restart(process: Process, slot: Slot): string {
    process.draining = true;
    const end = (): void => {
      process.kill();
      this.#processes.delete(process);
    };
    void process.host!.stop().then(end, end);
    this.#tumult.agenda.in(DRAIN_MS, end);
    this.#boot(slot);
    return `${process.name} drains`;
  }

  #open(berth: Berth, seat: string): Slot {
    const { seed } = this.#options;
    const pace = 1 + chanceOf(seed, 'drift', seat).between(-WORST_DRIFT, WORST_DRIFT);
    const clock = new MachineClock(this.#tumult.agenda, pace);
    return { berth, seat, clock, starts: 0, process: undefined };
  }

  #boot(slot: Slot): void {
    const { agenda, trace } = this.#tumult;
    const { seed, ledger, gate, subscribers, policies, callFrom } = this.#options;
    const { definition, store, config } = slot.berth;
    slot.starts += 1;
    const name = `${slot.seat}.${slot.starts}`;
    const process = new Process(agenda, { service: definition.contract.name, seat: slot.seat, name });
    const random = chanceOf(seed, 'process', process.name);
    const runtime = process.runtime({ clock: slot.clock, random, ids: uuidV7(slot.clock, random), env: {} });
    const call = callFrom(process, runtime);
    const host = createHost({
      definition,
      store: gatedStore(watchedStore(store, ledger, name), process, gate),
      call,
      bus: directBus({ subscribers, call, runtime }),
      policies,
      runtime,
      log: trace.logger(process.name),
      config,
      secret: 'simulation',
      owner: runtime.ids(),
    });
    process.host = host;
    slot.process = process;
    this.#processes.add(process);
    trace.add(`${process.name} starts`);
    host.start();
  }
}
