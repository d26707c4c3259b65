import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { suite, test } from 'node:test';
import { promisify } from 'node:util';
import { isFlotillaError } from '../../kernel/index.ts';
import type { Clients } from '../../client/index.ts';
import type { FaultRates } from './faults.ts';
import { Run } from './run.ts';
import { openStage, simulate, type SimulationOptions } from './simulate.ts';
import { book, clients, invariants } from './test/freight-invariants.ts';
import { type bookings, bookingsService, freight } from './test/freight.ts';
import { fingerprints } from './test/fingerprints.ts';
import type { Visitor } from './visitors.ts';
import type { World } from './world.ts';

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const options = { system: freight, clients, workload: book, invariants };
type Options = SimulationOptions<typeof clients>;

const NOTHING: FaultRates = {
  crash: 0,
  restart: 0,
  pause: 0,
  clockStep: 0,
  storeClockStep: 0,
  storeUnavailable: 0,
  commitUnheard: 0,
  requestLost: 0,
  answerLost: 0,
  connectionReset: 0,
  duplicate: 0,
  delay: 0,
};

async function failureOf(more: Partial<Options>, env: Record<string, string> = {}): Promise<string> {
  try {
    await simulate({ ...options, ...more, runtime: { env } });
  } catch (thrown) {
    assert.ok(isFlotillaError(thrown) && thrown.code === 'SIMULATION_FAILED', String(thrown));
    return thrown.message;
  }
  return assert.fail('Nothing was found.');
}

suite('one seed is one run', () => {
  test('in any order of the seeds', async () => {
    const forth = await fingerprints(SEEDS);
    const back = await fingerprints(SEEDS.toReversed());
    assert.deepEqual(back.toReversed(), forth);
    assert.equal(new Set(forth).size, SEEDS.length);
  });

  test('in another process', async () => {
    const file = new URL('test/fingerprints.child.ts', import.meta.url).pathname;
    const { stdout } = await promisify(execFile)(process.execPath, [file, ...SEEDS.map(String)]);
    assert.deepEqual(JSON.parse(stdout), await fingerprints(SEEDS));
  });

  test('and no real time passes in it', async () => {
    await using stage = await openStage(options);
    await new Run(stage, { seed: 1, visitors: [1] }, false).finish();
    const simulated = stage.agenda.now;
    await new Run(stage, { seed: 1, visitors: [1] }, false).finish();
    assert.equal(stage.agenda.now, simulated);
  });
});

test('without faults nothing goes wrong', async () => {
  assert.deepEqual(await simulate({ ...options, faults: NOTHING, seeds: 20, runtime: { env: {} } }), { runs: 20, faults: 0 });
});

suite('a promise that a user breaks', () => {
  // A visitor who asks again under another key asks for something else.
  const bookTwice = async ({ bookings: desk }: Clients<{ bookings: typeof bookings }>, visitor: Visitor): Promise<void> => {
    const { insist, newId } = visitor;
    await insist(() => desk.book({ id: newId(), customer: 'ada', boxes: 1 }));
  };
  const once = {
    'a visitor gets one booking': ({ sagas }: World) => assert.equal(sagas(bookingsService).length, 1),
  };
  const wrong = { workload: bookTwice, invariants: once, visitors: 1, faults: { ...NOTHING, answerLost: 0.2, delay: 0.2 } };

  test('is told with the fewest faults and visitors that break it', async () => {
    const message = await failureOf(wrong);
    assert.match(message, /a visitor gets one booking: /);
    // A client tries three times, under one key, before it gives up.
    assert.match(
      message,
      /with 1 visitor and 3 faults, the fewest found in \d+ runs:\n(?: {2}- (?:answer lost|arrives late): bookings\.book from visitor 1\n){3}/,
    );
  });

  test('is broken again by the command that was printed, which shows all that happened', async () => {
    const message = await failureOf(wrong);
    const [, seed] = /SEED=(\S+) node /.exec(message)!;
    const again = await failureOf(wrong, { SEED: seed! });
    assert.match(again, /a visitor gets one booking: [\s\S]*What happened:\n0\.0000 bookings#1\.1 starts/);
    const [, healthy] = /^(\d+:v\d+)/.exec(seed!)!;
    assert.deepEqual(await simulate({ ...options, ...wrong, runtime: { env: { SEED: `${healthy}:f` } } }), {
      runs: 1,
      faults: 0,
    });
  });
});

test('a visitor who meets an error that is no fault fails the run', async () => {
  const surprised = (): Promise<never> => Promise.reject(new TypeError('I did not expect that'));
  assert.match(await failureOf({ workload: surprised, visitors: 1 }), /visitor 1 met TypeError: I did not expect that/);
});

test('a seed that is none is refused', async () => {
  const wrong = simulate({ ...options, runtime: { env: { SEED: 'lucky' } } });
  await assert.rejects(wrong, { code: 'INVALID_SEED' });
});
