import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Figures, Round } from '../case.ts';
import type { Order } from '../load.ts';

/** A program of its own that does its work when told to. Disposing ends it and waits for that. */
export interface Contender extends AsyncDisposable {
  readonly process: ChildProcess;
  measure(order: Order): Promise<Figures>;
}

/** Starts a program that calls `compete`, and waits until it can be measured. */
export async function startContender(program: string, args: readonly string[] = []): Promise<Contender> {
  const child = fork(program, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  try {
    await message(child);
  } catch (error) {
    await end(child);
    throw error;
  }
  return {
    process: child,
    measure: async (order) => {
      child.send(order);
      return (await message(child)) as Figures;
    },
    [Symbol.asyncDispose]: () => end(child),
  };
}

/** One round: each is measured in turn while the others rest. The first is ours. */
export async function inTurn(contenders: ReadonlyMap<string, Pick<Contender, 'measure'>>, order: Order): Promise<Round> {
  const measured: [string, Figures][] = [];
  for (const [name, contender] of contenders) measured.push([name, await contender.measure(order)]);
  const [[, own], ...peers] = measured as [[string, Figures], ...[string, Figures][]];
  return { own, peers: Object.fromEntries(peers) };
}

/** The next thing that a process says. */
export async function message(child: ChildProcess): Promise<unknown> {
  const unwanted = new AbortController();
  const { signal } = unwanted;
  const ended = once(child, 'exit', { signal }).then(() => {
    throw new Error(`${child.spawnargs.slice(1).join(' ')} ended too early.`);
  });
  ended.catch(() => undefined);
  const [said] = await Promise.race([once(child, 'message', { signal }), ended]);
  unwanted.abort();
  return said as unknown;
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, 'exit');
}
