import { abortReason, FlotillaError, linkSignal, type Runtime } from '../../kernel/index.ts';
import { type Call, type CallHandler, createInProcessTransport, withinDeadline } from '../../transport/index.ts';
import type { Fault, FaultKind } from './faults.ts';
import type { Process } from './process.ts';
import type { Tumult } from './tumult.ts';

const WIRE_MS = { least: 0.2, most: 6 };
const LATE_MS = { least: 500, most: 40_000 };

const MISHAPS: Partial<Record<FaultKind, string>> = {
  requestLost: 'lost',
  answerLost: 'answer lost',
  connectionReset: 'connection broken',
  duplicate: 'arrives twice',
  delay: 'arrives late',
};

type Settle = (outcome: () => unknown) => void;

/** Carries calls from process to process: each takes a while, so some overtake others, and may be hit on its way. */
export class Network {
  readonly #tumult: Tumult;
  readonly #instances: (service: string) => readonly Process[];
  readonly #doors = new WeakMap<Process, CallHandler>();

  constructor(tumult: Tumult, instances: (service: string) => readonly Process[]) {
    this.#tumult = tumult;
    this.#instances = instances;
  }

  /** How a process reaches all others. */
  callFrom(process: Process, runtime: Runtime): CallHandler {
    const hosts = (service: string): CallHandler | undefined => (service === process.service ? process.host?.call : undefined);
    this.#doors.set(process, createInProcessTransport({ hosts, runtime }).call);
    const send: CallHandler = (call, signal) => this.#send(process, call, signal);
    return (call, signal) =>
      call.bounded ? send(call, signal) : withinDeadline(runtime.clock, { call, signal }, (inner) => send(call, inner));
  }

  async #send(from: Process, call: Call, signal: AbortSignal): Promise<unknown> {
    const { agenda, chance, weather, trace } = this.#tumult;
    const operation = `${call.service}.${call.operation} from`;
    const what = `${operation} ${from.name}`;
    const fault = weather.atMessage(`${operation} ${from.seat}`);
    if (fault) {
      const told = `${MISHAPS[fault.kind] ?? fault.kind}: ${what}`;
      weather.note(fault, told);
      trace.add(`! ${told}`);
    }
    const listed = this.#instances(call.service);
    const to = listed.length > 0 ? chance.pick(listed) : undefined;
    const far = linkSignal();
    // News of an abort travels like everything else, and does not survive what the call did not survive.
    if (!fault) signal.addEventListener('abort', () => agenda.in(this.#wireMs(), () => far.abort(abortReason(signal))));
    const { promise, resolve: settle } = Promise.withResolvers<() => unknown>();
    if (!to) agenda.in(this.#wireMs(), () => settle(() => this.#refuse(call, false)));
    else this.#carry({ call, to, signal: far.signal, settle }, fault, what);
    const outcome = await promise;
    for (let hindrance = from.hindered(); hindrance; hindrance = from.hindered()) await hindrance;
    return outcome();
  }

  #carry(trip: Trip, fault: Fault | undefined, what: string): void {
    const { agenda } = this.#tumult;
    const lateMs = fault?.dice.between(LATE_MS.least, LATE_MS.most) ?? 0;
    const arrive = (settle: Settle) => (): void => void this.#arrive({ ...trip, settle }, what);
    const lost: Settle = () => undefined;
    switch (fault?.kind) {
      case 'requestLost':
        return;
      case 'answerLost':
        return void agenda.in(this.#wireMs(), arrive(lost));
      case 'connectionReset':
        agenda.in(this.#wireMs(), arrive(lost));
        return void agenda.in(this.#wireMs(), () => trip.settle(() => this.#refuse(trip.call, true)));
      case 'duplicate':
        agenda.in(lateMs, arrive(lost));
        return void agenda.in(this.#wireMs(), arrive(trip.settle));
      case 'delay':
        return void agenda.in(lateMs, arrive(trip.settle));
      default:
        agenda.in(this.#wireMs(), arrive(trip.settle));
    }
  }

  async #arrive({ call, to, signal, settle }: Trip, what: string): Promise<void> {
    const { agenda, trace } = this.#tumult;
    const answer = (outcome: () => unknown): void => void agenda.in(this.#wireMs(), () => settle(outcome));
    if (to.state === 'dead') return answer(() => this.#refuse(call, false));
    using _death = to.onDeath(() => answer(() => this.#refuse(call, true)));
    for (let hindrance = to.hindered(); hindrance; hindrance = to.hindered()) await hindrance;
    trace.add(`${to.name} takes ${what}`);
    // The far side keeps its own time.
    const { bounded: _bounded, endpoint: _endpoint, ...travelling } = call;
    try {
      const output = await this.#doors.get(to)!(travelling, signal);
      answer(() => output);
    } catch (thrown) {
      answer(() => {
        throw thrown;
      });
    }
  }

  #refuse({ service }: Call, sent: boolean): never {
    const message = sent ? `The connection to '${service}' broke.` : `Nobody listens for '${service}'.`;
    throw new FlotillaError('UNAVAILABLE', { kind: 'unavailable', message, details: { sent } });
  }

  #wireMs(): number {
    return this.#tumult.chance.between(WIRE_MS.least, WIRE_MS.most);
  }
}

interface Trip {
  readonly call: Call;
  readonly to: Process;
  readonly signal: AbortSignal;
  readonly settle: Settle;
}
