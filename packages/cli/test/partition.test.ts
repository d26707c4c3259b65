import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { until } from 'flotilla/testing';
import { openNamespaces, whyNoNamespaces } from './namespaces.ts';
import { BIN } from './run.ts';

const SYSTEM = join(import.meta.dirname, 'fixtures/relay/system.ts');
const CUSTOMERS = join(import.meta.dirname, 'fixtures/relay/customers.ts');

interface Started extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly url: string;
  readonly log: () => string;
}

/** How it went lately, as the customers say. */
interface News {
  readonly by: Readonly<Record<string, number>>;
  readonly failed: readonly string[];
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function start(prefix: readonly string[], part: string, options: { data: string; host?: string }): Promise<Started> {
  const host = options.host === undefined ? [] : ['--set', `infrastructure.internalHost=${options.host}`];
  const [command, ...args] = [
    ...prefix,
    process.execPath,
    BIN,
    'start',
    part,
    '--system',
    SYSTEM,
    '--data',
    options.data,
    ...host,
  ];
  const child = spawn(command!, [...args, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  child.stderr.on('data', (text: Buffer) => (log += String(text)));
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { internalUrl: url } = JSON.parse(line) as { internalUrl: string };
  return { child, url, log: () => log, [Symbol.asyncDispose]: () => end(child) };
}

test(
  'a network that breaks costs no answer while one way is left, and all is as before when it is mended',
  {
    skip: whyNoNamespaces(),
    timeout: 120_000,
  },
  async () => {
    using network = openNamespaces(['one', 'two']);
    const data = await mkdtemp(join(tmpdir(), 'cli-partition-'));
    await using scope = new AsyncDisposableStack();
    scope.defer(() => rm(data, { recursive: true, force: true }));
    const instances: Started[] = [];
    for (const place of ['one', 'two']) {
      instances.push(scope.use(await start(network.in(place), 'back', { data, host: network.address(place) })));
    }
    const front = scope.use(await start(network.in('middle'), 'front', { data }));
    const [command, ...prefix] = network.in('middle');
    const customers = spawn(command!, [...prefix, process.execPath, CUSTOMERS, front.url, join(data, 'system.key')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    scope.defer(() => end(customers));
    const all: News[] = [];
    createInterface(customers.stdout).on('line', (line) => all.push(JSON.parse(line) as News));
    /** The first news that say so, of those from now on. */
    const news = async (isIt: (one: News) => boolean): Promise<void> => {
      const from = all.length;
      await until(() => all.slice(from).some(isIt));
    };
    const answered = ({ by }: News): string[] => Object.keys(by).sort();
    const pids = instances.map(({ child }) => String(child.pid)).sort();
    const failures = (): string[] => all.flatMap(({ failed }) => failed);

    await news((one) => answered(one).join() === pids.join());
    network.cable('one', 'down');
    await until(() => front.log().includes('is left alone for a while'));
    await news((one) => answered(one).join() === String(instances[1]!.child.pid) && one.by[instances[1]!.child.pid!]! > 20);
    assert.deepEqual(failures(), [], 'each call went to the other instance');

    network.cable('two', 'down');
    await news(({ failed }) => failed.length > 0);
    network.cable('one', 'up');
    network.cable('two', 'up');
    // Nobody was taken off the list, so nobody has to be found again.
    await news((one) => answered(one).length > 0);
    let looks = 0;
    while (!all.slice(-5).some((one) => answered(one).join() === pids.join()) && (looks += 1) < 60) {
      await news((one) => answered(one).length > 0);
    }
    assert.deepEqual(
      answered(all.findLast((one) => answered(one).length === 2)!),
      pids,
      'also who was left alone is asked again',
    );
  },
);
