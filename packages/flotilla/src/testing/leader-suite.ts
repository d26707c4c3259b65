import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { suite, test } from 'node:test';
import { createLeadership } from '../discovery/index.ts';
import { sleep, systemRuntime as runtime } from '../kernel/index.ts';
import type { Store } from '../store/index.ts';
import { silentLogger as log } from '../telemetry/index.ts';
import { until } from './until.ts';

/** Long enough to be renewed in time on a machine with much else to do. */
const LEASE_MS = 2_000;
const LOOK_MS = 20;

/** A module that makes the wall clock of a process jump: an hour back, right, an hour ahead. */
const JUMPING = `data:text/javascript,${encodeURIComponent(
  'const { now } = Date; Date.now = () => now() + ((Math.floor(performance.now() / 300) % 3) - 1) * 3_600_000;',
)}`;

/** A store that processes share. */
export interface LeaderPlace extends AsyncDisposable {
  readonly store: Store;
  /** Arguments by which the script of a candidate finds the store. */
  readonly args: readonly string[];
}

export interface LeaderSuiteOptions {
  /** Of the store under test. */
  readonly name: string;
  readonly skip?: string | false;
  /** Leases run on a clock of the store's, whatever those of the processes say. */
  readonly hasClock?: boolean;
  /** A script that opens the store its arguments name, and hands it to `stand` with the last argument. */
  readonly script: string;
  open(): Promise<LeaderPlace>;
}

/** What a candidate does: it writes as fast as it can while it leads, and says how each term began and ended. */
export function stand(store: Store, candidate: string): AsyncDisposable {
  const leadership = createLeadership({
    name: 'writer',
    store,
    owner: candidate,
    leaseMs: LEASE_MS,
    work: async ({ fence, transact, pause }) => {
      console.log(`leads ${fence}`);
      try {
        for (;;) {
          await transact(({ events }) => events.append({ events: [written(candidate, fence)] }));
          await pause(5);
        }
      } catch (error) {
        console.log(`ends ${fence}: ${(error as { code?: string }).code}`);
        throw error;
      }
    },
    runtime,
    log,
  });
  console.log('stands');
  leadership.start();
  // Timers alone keep no process.
  process.stdin.resume();
  return leadership;
}

function written(candidate: string, fence: number) {
  const id = runtime.ids();
  return {
    type: 'Written',
    schemaVersion: 1,
    id,
    data: { candidate, fence },
    meta: { correlationId: id },
    at: runtime.clock.now(),
  };
}

/** Leadership among real processes, of which some are stopped and some killed. */
export function leaderSuite({ name, skip = false, hasClock = false, script, open }: LeaderSuiteOptions): void {
  suite(`leaders over ${name}`, { skip }, () => {
    test('one that is killed is followed by another; in the log no lower fence follows a higher one', async () => {
      await using at = await candidates({ script, open }, ['a', 'b', 'c']);
      const fences = [];
      for (let round = 0; round < 2; round += 1) {
        const { writer, fence } = await at.nextWrite();
        fences.push(fence);
        at.kill(writer);
      }
      fences.push((await at.nextWrite()).fence);
      assert.equal(new Set(fences).size, 3);
      await at.assertInOrder();
    });

    test('one that stood still for longer than its lease writes nothing after another began, and gives way', async () => {
      await using at = await candidates({ script, open }, ['a', 'b']);
      const { writer: paused, fence } = await at.stopWriter();
      await at.nextWrite(({ writer }) => writer !== paused);
      paused.process.kill('SIGCONT');
      await until(() => paused.said.some((line) => line.startsWith(`ends ${fence}:`)));
      await at.nextWrite();
      await at.assertInOrder();
    });

    test('clocks that jump by an hour, three times a second, take the lead from nobody', { skip: !hasClock }, async () => {
      await using at = await candidates({ script, open, flags: ['--import', JUMPING] }, ['a', 'b']);
      const { fence } = await at.nextWrite();
      await sleep(runtime.clock, 5 * LEASE_MS);
      const { fence: later } = await at.nextWrite();
      // A process that gets no processor for long loses its lease all the same.
      assert.ok(later - fence < 5, `the lead changed hands ${later - fence} times`);
      await at.assertInOrder();
    });
  });
}

interface Candidate {
  readonly name: string;
  readonly process: ChildProcess;
  readonly said: string[];
}

interface Fleet extends Pick<LeaderSuiteOptions, 'script' | 'open'> {
  /** For Node. */
  readonly flags?: readonly string[];
}

interface Write {
  readonly writer: Candidate;
  readonly fence: number;
}

async function candidates({ script, open, flags = [] }: Fleet, names: readonly string[]) {
  await using stack = new AsyncDisposableStack();
  const { store, args } = stack.use(await open());
  const all = names.map((name): Candidate => {
    const child = spawn(process.execPath, [...flags, script, ...args, name], { stdio: ['pipe', 'pipe', 'inherit'] });
    const said: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => said.push(line));
    stack.defer(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    });
    return { name, process: child, said };
  });
  // How long processes take to start is not the matter.
  await until(() => all.every(({ said }) => said.length > 0));
  const alive = new Map(all.map((one) => [one.name, one]));
  const log = async (after = 0): Promise<{ candidate: string; fence: number }[]> => {
    const events = await store.events.read({ after, limit: 100_000 });
    return events.map(({ data }) => data as { candidate: string; fence: number });
  };
  const writes = async (after: number): Promise<Write[]> =>
    (await log(after)).flatMap(({ candidate, fence }) => {
      const writer = alive.get(candidate);
      return writer ? [{ writer, fence }] : [];
    });
  /** The first write, from now on, of somebody who lives. */
  const nextWrite = async (isMeant: (write: Write) => boolean = () => true): Promise<Write> => {
    const after = await store.events.head();
    let found: Write | undefined;
    await until(async () => {
      await sleep(runtime.clock, LOOK_MS);
      return (found = (await writes(after)).find(isMeant)) !== undefined;
    });
    return found!;
  };
  const opened = stack.move();
  return {
    nextWrite,
    /** Stops who leads, between two writes: inside a transaction of SQLite it would hold the one lock there is, and nobody could follow. */
    async stopWriter(): Promise<Write> {
      for (;;) {
        const last = await nextWrite();
        last.writer.process.kill('SIGSTOP');
        if (await store.transact(() => true).catch(() => false)) return last;
        last.writer.process.kill('SIGCONT');
      }
    },
    kill(one: Candidate): void {
      one.process.kill('SIGKILL');
      alive.delete(one.name);
    },
    async assertInOrder(): Promise<void> {
      const fences = (await log()).map(({ fence }) => fence);
      assert.deepEqual(
        fences,
        fences.toSorted((left, right) => left - right),
      );
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
