import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import type { Random } from '../kernel/index.ts';
import type { JournalEntry, SagaPhase, SagaSignal } from '../store/index.ts';
import { seededRandom } from '../testing/index.ts';
import type { SagaDefinition } from './definition.ts';
import { foldJournal, isOver, progressOf, TURN, turnLine } from './journal.ts';
import type { Attempt, Move } from './move.ts';
import { nextMove } from './next-move.ts';
import { saga } from './saga.ts';
import { namesOf, type Stage } from './stage.ts';

const SEEDS = 3_000;
/** No saga below can have more moves, whatever goes wrong. */
const MOVES = 2_000;

const step = { run: () => 1, compensate: () => Promise.resolve(), retry: { attempts: 3, compensations: 3 } };
const bare = { run: () => 1, retry: { attempts: 2 } };

/** Two to six stages of all kinds that need no other saga. */
function anySaga(random: Random): SagaDefinition {
  let built: SagaDefinition = saga('any', { input: z.object({}), key: () => '' });
  let hasPivot = false;
  for (let place = 0; place < 2 + Math.floor(random.next() * 5); place++) {
    // Only what all builders share is used, so their types need not be followed.
    const builder = built as ReturnType<typeof saga>;
    const name = `stage-${place}`;
    const kind = random.next();
    const pivot: boolean = !hasPivot && kind < 0.1;
    hasPivot ||= pivot;
    if (kind < 0.5) built = builder.step(name, { ...(random.next() < 0.7 ? step : bare), pivot });
    else if (kind < 0.7) built = builder.parallel((side) => side.step(`${name}-left`, step).step(`${name}-right`, bare));
    else if (kind < 0.8) built = builder.sleep(name, 10);
    else if (kind < 0.9) built = builder.waitFor(name, { schema: z.null(), timeout: 10 });
    else built = builder.lock(name, () => 'it');
  }
  return built;
}

/** One saga with a world that lets its steps go well or wrong, its waits be answered or not, and its process die. */
class World {
  readonly journal: JournalEntry[] = [];
  readonly undone: string[] = [];
  phase: SagaPhase = 'forward';
  now = 0;
  #signals: SagaSignal[] = [];
  readonly #definition: SagaDefinition;
  readonly #random: Random;

  constructor(definition: SagaDefinition, random: Random) {
    this.#definition = definition;
    this.#random = random;
  }

  /** How the saga ends: after so many moves at most. */
  live(): Move['kind'] {
    for (let moves = 0; moves < MOVES; moves++) {
      const standing = { definition: this.#definition, phase: this.phase, now: this.now, signals: this.#signals };
      const move = nextMove({ ...standing, journal: this.journal });
      assert.deepEqual(nextMove({ ...standing, journal: structuredClone(this.journal) }), move, 'one standing, one move');
      if (move.kind === 'finish' || move.kind === 'stuck') return move.kind;
      this.#follow(move);
    }
    return assert.fail('it went round for ever');
  }

  #follow(move: Exclude<Move, { kind: 'finish' | 'stuck' }>): void {
    switch (move.kind) {
      case 'attempt':
        for (const one of move.attempts) this.#note(one, 'started');
        // A crash now and then leaves attempts without an outcome.
        if (this.#random.next() < 0.9) for (const one of move.attempts) this.#end(one);
        return;
      case 'settle':
        return this.#note(move, 'unknown');
      case 'turn-back':
        this.phase = 'backward';
        this.#add(turnLine(TURN, move.reason));
        return;
      case 'begin':
        return this.#add({ ...at(move), status: 'started', output: { until: this.now + 10 } });
      case 'lock':
        if (move.isFirst) this.#add({ ...at({ ...move, attempt: 1 }), status: 'started' });
        if (this.#random.next() < 0.5) this.#add({ ...at({ ...move, attempt: 1 }), status: 'ok' });
        return;
      case 'rest':
        this.now += Math.ceil(this.#random.next() * 8);
        if (this.#random.next() < 0.3) this.#signals = [{ ...SIGNAL, name: move.name }];
        return;
      case 'receive':
        this.#signals = [];
        return this.#add({ ...at(move), status: 'ok' });
      case 'time-over':
        return this.#add({ ...at(move), status: this.#random.next() < 0.5 ? 'ok' : 'failed', error: failure(false) });
      case 'undo-child':
      case 'child-undone':
        assert.fail('there are no children here');
    }
  }

  #end(attempt: Attempt): void {
    const luck = this.#random.next();
    if (luck < 0.7) {
      if (attempt.direction === 'compensate') this.undone.push(attempt.step.name);
      this.#note(attempt, 'ok');
    } else this.#note(attempt, luck < 0.85 ? 'unknown' : 'failed', luck < 0.8);
  }

  #note({ step: { name }, direction, attempt }: Attempt, status: JournalEntry['status'], again = true): void {
    const isBad = status === 'unknown' || status === 'failed';
    this.#add({ step: name, direction, attempt, status, ...(isBad && { error: failure(again) }) });
  }

  #add(line: Omit<JournalEntry, 'at'>): void {
    this.journal.push({ ...line, at: this.now });
  }
}

const SIGNAL: SagaSignal = { id: 's', kind: 'any', key: '', name: '', data: null, at: 0, expiresAt: 0 };
const failure = (retry: boolean) => ({ code: 'BAD_LUCK', kind: 'internal', message: 'Bad luck.', retry });
const at = ({ stage, attempt }: { stage: { name: string }; attempt: number }) => {
  return { step: stage.name, direction: 'run', attempt } as const;
};

function check({ stages }: SagaDefinition, world: World, end: Move['kind']): void {
  const steps = foldJournal(world.journal);
  const begun = (stage: Stage): boolean => namesOf(stage).some((name) => progressOf(steps, name).run.attempt > 0);
  const over = (stage: Stage): boolean => namesOf(stage).every((name) => isOver(progressOf(steps, name).run));
  const last = stages.findLastIndex(begun);
  assert.ok(stages.slice(0, Math.max(0, last)).every(over), 'a stage begins when those before it are over');
  if (end === 'finish' && world.phase === 'forward') assert.ok(stages.every(over), 'done when everything is');

  const all = stages.flatMap((stage) => (stage.kind === 'steps' ? stage.steps : []));
  for (const { name, attempts, compensations } of all) {
    const { run, compensate } = progressOf(steps, name);
    assert.ok(run.attempt <= attempts && compensate.attempt <= compensations, `${name} has its tries and no more`);
  }
  const places = world.undone.map((name) => stages.findIndex((stage) => namesOf(stage).includes(name)));
  assert.deepEqual(
    places,
    places.toSorted((left, right) => right - left),
    'undone in reverse',
  );
  assert.equal(new Set(world.undone).size, world.undone.length, 'undone once');
  if (end === 'finish' && world.phase === 'backward') {
    const left = all.filter(({ name, compensate }) => compensate && progressOf(steps, name).run.effects.length > 0);
    assert.deepEqual(
      left.filter(({ name }) => !isOver(progressOf(steps, name).compensate)),
      [],
      'all is undone',
    );
  }
}

test(`${SEEDS} sagas of all shapes, in worlds where all goes wrong that can: each ends as it may`, () => {
  const ends = new Map<string, number>();
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = seededRandom(seed);
    const definition = anySaga(random);
    const world = new World(definition, random);
    try {
      const end = world.live();
      check(definition, world, end);
      const name = `${end} ${world.phase}`;
      ends.set(name, (ends.get(name) ?? 0) + 1);
    } catch (error) {
      throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
  // Chance has seen every kind of end often enough to mean something.
  for (const name of ['finish forward', 'finish backward', 'stuck forward', 'stuck backward']) {
    assert.ok((ends.get(name) ?? 0) > 20, `${name}: ${ends.get(name)}`);
  }
});
