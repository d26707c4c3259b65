import type { Clock } from 'flotilla/kernel';
import type { LogLine } from 'flotilla/telemetry';
import { formatLog } from '../log-format.ts';
import type { Terminal } from '../terminal.ts';
import type { InstanceHappening, InstanceName } from './fleet.ts';
import { parseObject } from './part-process.ts';
import { createScreen } from '../screen.ts';
import { sentenceOf } from './sentences.ts';

/** Where everything goes that happens among many processes. */
export interface FleetOutput extends Disposable {
  /** A line that an instance logged or printed. */
  log(name: InstanceName, line: string): void;
  happened(happening: InstanceHappening): void;
  /** Something else worth knowing: JSON for scripts, text for people. */
  tell(event: { event: string; [fact: string]: unknown }, text: string): void;
}

export interface FleetOutputOptions {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly colour: (part: string, text: string) => string;
  /** So many characters are enough for the longest `part instance`. */
  readonly width: number;
  /** What a terminal always shows at its foot. */
  readonly foot: () => readonly string[];
}

const REFRESH_MS = 1_000;

/** Events go to standard output, logs to standard error; both through one screen where both are the terminal of somebody. */
export function createFleetOutput({ terminal, clock, colour, width, foot }: FleetOutputOptions): FleetOutput {
  const isForPeople = process.stderr.isTTY && !terminal.json;
  const screen = isForPeople && process.stdout.isTTY ? createScreen(process.stdout, foot) : undefined;
  const refreshing = screen && repeat(clock, screen.refresh);
  const print = screen ? screen.print : terminal.print;
  const note = screen ? screen.print : terminal.note;
  const named = ({ part, instance }: InstanceName): string => colour(part, `${part} ${instance}`.padEnd(width));
  return {
    log: (name, line) => {
      const said = parseObject(line);
      if (!isForPeople) note(JSON.stringify({ part: name.part, instance: name.instance, ...(said ?? { msg: line }) }));
      else if (isLogLine(said)) note(formatLog(said, { style: terminal.style, speaker: named(name) }));
      else note(`${named(name)} ${line}`);
    },
    happened: (happening) => {
      if (terminal.json) return terminal.printJson(happening);
      const sentence = sentenceOf(happening);
      const isSeenBelow = screen !== undefined && happening.event === 'up';
      if (sentence === undefined || isSeenBelow) screen?.refresh();
      else print(`${named(happening)} ${sentence}`);
    },
    tell: (event, text) => (terminal.json ? terminal.printJson(event) : print(text)),
    [Symbol.dispose]: () => {
      refreshing?.[Symbol.dispose]();
      screen?.[Symbol.dispose]();
    },
  };
}

function repeat(clock: Clock, act: () => void): Disposable {
  let timer: Disposable;
  const again = (): void => {
    act();
    timer = clock.timer(REFRESH_MS, again);
  };
  timer = clock.timer(REFRESH_MS, again);
  return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
}

function isLogLine(said: Record<string, unknown> | undefined): said is LogLine & Record<string, unknown> {
  return typeof said?.['level'] === 'string' && typeof said['time'] === 'number' && typeof said['msg'] === 'string';
}
