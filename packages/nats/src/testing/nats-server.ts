import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from 'flotilla/testing';

const NOBODY = 65_534;
const READY = 'Server is ready';

export interface NatsServerOptions {
  /** False starts a server that keeps nothing. */
  readonly jetstream?: boolean;
  /** More lines of the server's configuration file. */
  readonly config?: string;
}

/** A server of one's own on this machine, with its files in a folder of its own. Disposing ends it and removes the folder. */
export interface NatsServer extends AsyncDisposable {
  readonly url: string;
  /** Where JetStream keeps its files. */
  readonly folder: string;
  /** Ends it in order. */
  stop(): Promise<void>;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  /** Freezes it: connections stay open and nothing answers. */
  pause(): void;
  resume(): void;
  /** Starts it again on the same port and files, after it was stopped or killed. */
  restart(): Promise<void>;
}

export async function startNats(options: NatsServerOptions = {}): Promise<NatsServer> {
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-nats-'));
  const port = await freePort();
  const configFile = join(folder, 'nats.conf');
  const store = join(folder, 'store');
  const jetstream = options.jetstream === false ? '' : `jetstream { store_dir: ${JSON.stringify(store)} }`;
  await writeFile(configFile, [`listen: 127.0.0.1:${port}`, jetstream, options.config ?? ''].join('\n'));
  if (isRoot()) await chown(folder, NOBODY, NOBODY);
  const process_ = new ServerProcess(configFile);
  const removeAtExit = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeAtExit);
  try {
    await process_.start();
  } catch (thrown) {
    await rm(folder, { recursive: true });
    throw thrown;
  }
  return {
    url: `nats://127.0.0.1:${port}`,
    folder: store,
    stop: () => process_.end('SIGTERM'),
    kill: () => process_.end('SIGKILL'),
    pause: () => process_.signal('SIGSTOP'),
    resume: () => process_.signal('SIGCONT'),
    restart: () => process_.start(),
    async [Symbol.asyncDispose]() {
      await process_.end('SIGKILL');
      await rm(folder, { recursive: true });
      process.off('exit', removeAtExit);
    },
  };
}

class ServerProcess {
  readonly #configFile: string;
  #child: ChildProcess | undefined;

  constructor(configFile: string) {
    this.#configFile = configFile;
  }

  async start(): Promise<void> {
    const user = isRoot() ? { uid: NOBODY, gid: NOBODY } : {};
    const child = spawn('nats-server', ['--config', this.#configFile], { stdio: ['ignore', 'ignore', 'pipe'], ...user });
    this.#child = child;
    process.once('exit', this.#killAtExit);
    await untilReady(child);
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  async end(how: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    process.off('exit', this.#killAtExit);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(how);
    await ended;
  }

  /** A test that dies must not leave its server behind. */
  readonly #killAtExit = (): void => void this.#child?.kill('SIGKILL');
}

async function untilReady(child: ChildProcess): Promise<void> {
  let output = '';
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`nats-server did not start:\n${output}`)));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      if (output.length < 10_000) output += text;
      if (text.includes(READY) || output.includes(READY)) resolve();
    });
  });
}

const isRoot = (): boolean => process.geteuid?.() === 0;
