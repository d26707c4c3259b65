import type { Fault, FaultMode } from './gate.ts';
import { brokenPromises } from './invariants.ts';
import { type Machine, type Report, Run, type Scenario } from './run.ts';

/** What came of letting one scenario run under many faults. */
export interface Exploration {
  readonly runs: number;
  /** Awaited port calls without any fault. */
  readonly calls: number;
  /** Each broken promise with the faults that led to it. */
  readonly broken: readonly string[];
}

export const ALL_MODES: readonly FaultMode[] = [
  'crash before',
  'crash after',
  'error before',
  'reply lost',
  'pause before',
  'pause after',
];
/** A process makes one call after the other, so a crash before one is much like a crash after the one before it. */
const TELLING_PAIRS: readonly FaultMode[] = ['crash after', 'reply lost'];

/** Runs a scenario again and again, each time with other faults. */
export class Explorer {
  readonly #scenario: Scenario;
  readonly #machine: Machine;
  readonly #broken: string[] = [];
  #runs = 0;

  constructor(scenario: Scenario, machine: Machine) {
    this.#scenario = scenario;
    this.#machine = machine;
  }

  /** Without a fault, then with every fault at every call. */
  async singles(modes: readonly FaultMode[] = ALL_MODES): Promise<Exploration> {
    const golden = await this.run([]);
    for (const at of range(1, golden.trace.length)) {
      for (const mode of modes) await this.run([{ at, mode }]);
    }
    return this.#result(golden);
  }

  /** A second fault at every call after the first, so that recovery itself is hit. */
  async pairs(modes: readonly FaultMode[] = TELLING_PAIRS): Promise<Exploration> {
    const golden = await this.run([]);
    for (const at of range(1, golden.trace.length)) {
      for (const mode of modes) {
        const first = { at, mode };
        const { trace } = await this.run([first]);
        for (const second of range(at + 1, trace.length)) {
          for (const again of modes) await this.run([first, { at: second, mode: again }]);
        }
      }
    }
    return this.#result(golden);
  }

  /** Pauses a process at every call for longer than its lease, and wakes it in the midst of whatever its successor does. */
  async zombies(): Promise<Exploration> {
    const golden = await this.run([]);
    for (const at of range(1, golden.trace.length)) {
      const pause = { at, mode: 'pause before' } as const;
      const { trace } = await this.run([pause]);
      for (const until of range(at + 1, trace.length)) await this.run([{ ...pause, until }]);
    }
    return this.#result(golden);
  }

  async run(faults: readonly Fault[]): Promise<Report> {
    this.#runs += 1;
    const key = this.#machine.runtime.ids();
    const report = await new Run(this.#scenario, this.#machine, { faults, key }).finish();
    const what = faults
      .map(({ at, mode, until }) => `${mode} ${report.trace[at - 1]} (${at}${until ? ` to ${until}` : ''})`)
      .join(', then ');
    for (const promise of brokenPromises(this.#scenario, report)) {
      this.#broken.push(`${this.#scenario.name}: ${what || 'no fault'}: ${promise}`);
    }
    return report;
  }

  #result(golden: Report): Exploration {
    return { runs: this.#runs, calls: golden.trace.length, broken: this.#broken };
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}
