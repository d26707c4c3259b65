import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Clock } from 'flotilla/kernel';
import type { Beat } from './parent.ts';

/** What a process said when it was up. */
export interface Ready {
  readonly internalUrl: string;
  readonly gatewayUrl?: string | undefined;
}

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not go on, in its own words. */
  readonly error?: { readonly code: string; readonly message: string } | undefined;
}

/** A process that runs one part of a system. */
export interface PartProcess {
  readonly pid: number | undefined;
  /** Resolves once it is up; never when it ends before. */
  readonly ready: Promise<Ready>;
  readonly ended: Promise<Ending>;
  /** What it last said about itself while it runs, and when, in monotonic time. */
  readonly beat: (Beat & { readonly at: number }) | undefined;
  /** Asks it to finish what it has and go. */
  stop(): void;
  kill(): void;
}

export interface PartProcessOptions {
  /** What follows `flotilla`; it must say `--json`. */
  readonly args: readonly string[];
  /** That of this process unless said. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Gets each line that it logs or prints. */
  readonly log: (line: string) => void;
  readonly clock: Clock;
}

const BIN = join(import.meta.dirname, '../../bin/flotilla.js');
/** Its last lines are read even if something it started holds on to its output. */
const LAST_WORDS_MS = 500;

/**
 * Starts one part. It has a session of its own, so that Ctrl+C reaches only the one who decides in which order all stop; and a
 * channel to this process, whose end tells it that nobody looks after it any more.
 */
export function startPart({ args, env, log, clock }: PartProcessOptions): PartProcess {
  const child = spawn(process.execPath, [BIN, ...args], {
    ...(env && { env }),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const ready = Promise.withResolvers<Ready>();
  let error: Ending['error'];
  readLines(child, 'stdout', (line, said) => {
    if (said?.['event'] === 'ready') ready.resolve(said as unknown as Ready);
    else if (said?.['event'] === undefined) log(line);
  });
  readLines(child, 'stderr', (line, said) => {
    if (said?.['error'] !== undefined && said['msg'] === undefined) error = said['error'] as Ending['error'];
    else log(line);
  });
  const ended = endOf(child, clock).then(({ cause, ...ending }) => ({ ...ending, error: error ?? cause }));
  let beat: PartProcess['beat'];
  // Only `reportToParent` speaks on this channel.
  child.on('message', (message) => (beat = { ...(message as Beat), at: clock.monotonic() }));
  const signal = (name: NodeJS.Signals): void => void child.kill(name);
  return {
    pid: child.pid,
    ready: ready.promise,
    ended,
    get beat() {
      return beat;
    },
    stop: () => signal('SIGTERM'),
    kill: () => signal('SIGKILL'),
  };
}

/** Lines with what they say, where they are JSON objects. */
function readLines(
  child: ChildProcess,
  name: 'stdout' | 'stderr',
  take: (line: string, said: Record<string, unknown> | undefined) => void,
): void {
  createInterface({ input: child[name]! }).on('line', (line) => take(line, parseObject(line)));
}

/** The object that a line of JSON says; undefined for any other text. */
export function parseObject(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

type End = Omit<Ending, 'error'> & { cause?: Ending['error'] };

async function endOf(child: ChildProcess, clock: Clock): Promise<End> {
  const { promise, resolve } = Promise.withResolvers<End>();
  child.on('error', ({ code = 'unknown', message }: NodeJS.ErrnoException) => {
    if (child.pid === undefined) resolve({ code: null, signal: null, cause: { code, message } });
  });
  child.on('close', (code, signal) => resolve({ code, signal }));
  child.on('exit', (code, signal) => clock.timer(LAST_WORDS_MS, () => resolve({ code, signal })));
  return await promise;
}
