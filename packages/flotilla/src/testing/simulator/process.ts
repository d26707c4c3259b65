import type { Clock, Runtime } from '../../kernel/index.ts';
import type { ServiceHost } from '../../service/index.ts';
import type { Agenda } from './agenda.ts';

/** One incarnation of one instance of a service. Whatever it does to the world outside, or hears from it, passes through here. */
export class Process {
  readonly service: string;
  /** `orders#2`: the second instance. */
  readonly seat: string;
  /** `orders#2.1`: started for the first time. */
  readonly name: string;
  /** Still answers what it was asked, takes nothing new. */
  draining = false;
  host: ServiceHost | undefined;
  #state: 'alive' | 'paused' | 'dead' = 'alive';
  #held: (() => void)[] = [];
  readonly #agenda: Agenda;
  readonly #owned = new Set<Disposable>();
  readonly #mourners = new Set<() => void>();

  constructor(agenda: Agenda, { service, seat, name }: { service: string; seat: string; name: string }) {
    this.#agenda = agenda;
    this.service = service;
    this.seat = seat;
    this.name = name;
  }

  get state(): 'alive' | 'paused' | 'dead' {
    return this.#state;
  }

  /** Undefined while it is alive, so that the ordinary case costs nothing; else resolves when it goes on, which may be never. */
  hindered(): Promise<void> | undefined {
    if (this.#state === 'alive') return undefined;
    return new Promise((resolve) => this.#held.push(resolve));
  }

  pause(): void {
    if (this.#state === 'alive') this.#state = 'paused';
  }

  /** One after the other, as a process that wakes up finds its timers and its sockets. */
  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'alive';
    for (const go of this.#held.splice(0)) this.#agenda.in(0, () => this.#whenAlive(go));
  }

  kill(): void {
    if (this.#state === 'dead') return;
    this.#state = 'dead';
    this.#held = [];
    for (const owned of this.#owned) owned[Symbol.dispose]();
    for (const mourn of this.#mourners) mourn();
    this.#mourners.clear();
  }

  /** Dies with the process. */
  own<TOwned extends Disposable>(owned: TOwned): TOwned {
    this.#owned.add(owned);
    return owned;
  }

  /** Calls back when the process dies, as the other end of a connection learns of it. */
  onDeath(mourn: () => void): Disposable {
    this.#mourners.add(mourn);
    return { [Symbol.dispose]: () => void this.#mourners.delete(mourn) };
  }

  /** The world as this process sees it. Timers that come due during a pause fire after it; those of a dead process never do. */
  runtime(machine: Runtime): Runtime {
    const { clock } = machine;
    const own: Clock = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      timer: (delayMs, callback) => {
        let isOff = false;
        const timer = clock.timer(delayMs, () => this.#whenAlive(() => isOff || callback()));
        return {
          [Symbol.dispose]() {
            isOff = true;
            timer[Symbol.dispose]();
          },
        };
      },
    };
    return { ...machine, clock: own };
  }

  #whenAlive(act: () => void): void {
    if (this.#state === 'alive') act();
    else if (this.#state === 'paused') this.#held.push(act);
  }
}
