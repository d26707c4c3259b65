import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const BIN = join(import.meta.dirname, '../bin/flotilla.js');

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  cwd?: string | undefined;
  /** For standard input. */
  input?: string;
  /** Options of Node itself. */
  node?: readonly string[];
  /** Added to the environment. */
  env?: Readonly<Record<string, string>>;
}

/** Runs the real command to its end. */
export async function flotilla(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const child = start(args, options);
  child.stdin!.end(options.input ?? '');
  const [stdout, stderr] = [collect(child.stdout!), collect(child.stderr!)];
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: stdout(), stderr: stderr() };
}

/** A command that runs until it is told to stop. */
export interface Running extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly stderr: () => string;
  /** Resolves when it has complained of this. Rejects when it ends without. */
  complains(about: RegExp): Promise<void>;
  /** The next line of standard output. Rejects, with what was complained about, when the command ends instead. */
  line(): Promise<string>;
  /** Sends the signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts the real command and leaves it running. */
export function flotillaRunning(args: readonly string[], cwd?: string, env: RunOptions['env'] = {}): Running {
  const child = start(args, { cwd, env });
  const stderr = collect(child.stderr!);
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const closed = once(child, 'close') as Promise<[number | null]>;
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
    child.kill(signal);
    return (await closed)[0];
  };
  return {
    child,
    stderr,
    line: async () => {
      const next = await lines.next();
      if (next.done) throw new Error(`The command ended: ${stderr()}`);
      return next.value;
    },
    complains: async (about) => {
      const ended = closed.then(() => assert.match(stderr(), about));
      while (!about.test(stderr())) await Promise.race([once(child.stderr!, 'data'), ended]);
    },
    stop,
    [Symbol.asyncDispose]: async () => void (await stop('SIGKILL')),
  };
}

function start(args: readonly string[], { cwd = process.cwd(), node = [], env = {} }: RunOptions): ChildProcess {
  return spawn(process.execPath, [...node, BIN, ...args], { cwd, env: { ...process.env, NO_COLOR: '1', ...env }, stdio: 'pipe' });
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => (text += chunk));
  return () => text;
}
