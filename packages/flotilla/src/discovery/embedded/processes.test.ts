import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { sleep, systemRuntime } from '../../kernel/index.ts';
import { until } from '../../testing/index.ts';
import { type Registry, sqliteRegistry } from '../index.ts';

interface Member extends AsyncDisposable {
  readonly process: ChildProcess;
}

async function member(folder: string, id: string): Promise<Member> {
  const script = join(import.meta.dirname, '../registration.child.ts');
  const child = spawn(process.execPath, [script, folder, id], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  await once(createInterface(child.stdout), 'line');
  return {
    process: child,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Whether nobody holds the lock of the file. */
function isFree(registry: Registry): Promise<boolean> {
  return registry.renew({ id: 'nobody', epoch: 1 }).then(
    () => true,
    () => false,
  );
}

/** Between two transactions: within one it would hold the only lock there is, and nobody else could go on. */
async function standStill(member: ChildProcess, isFreeNow: () => Promise<boolean>): Promise<void> {
  for (member.kill('SIGSTOP'); !(await isFreeNow()); member.kill('SIGSTOP')) {
    member.kill('SIGCONT');
    await sleep(systemRuntime.clock, 20);
  }
}

test('processes that start together on no file at all find each other; one that is killed is dropped, one that stands still returns', async () => {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-processes-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const starting = ['a', 'b', 'c'].map((id) => member(join(folder, 'data'), id));
  const [killed, stopped] = (await Promise.all(starting)).map((one) => stack.use(one));

  const registry = stack.use(sqliteRegistry({ folder: join(folder, 'data'), runtime: systemRuntime }));
  const listed = new Set<string>();
  stack.use(
    registry.watch('catalog', (event) => {
      if (event.kind === 'snapshot') for (const { id } of event.instances) listed.add(id);
      if (event.kind !== 'changes') return;
      for (const change of event.changes) {
        if (change.kind === 'put') listed.add(change.instance.id);
        else listed.delete(change.id);
      }
    }),
  );
  await until(() => listed.size === 3);
  killed!.process.kill('SIGKILL');
  await standStill(stopped!.process, () => isFree(registry));
  await until(() => listed.has('c') && listed.size === 1);
  stopped!.process.kill('SIGCONT');
  await until(() => listed.has('b'));
  assert.equal(listed.has('a'), false);
});
