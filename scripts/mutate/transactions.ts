import type { Mutation } from './mutation.ts';

const LIBRARY = 'packages/flotilla/src';

/** What belongs together must commit together, and what is meant must be written down before it is done. */
export const transactions: readonly Mutation[] = [
  {
    name: 'a message is handled without its inbox row',
    file: `${LIBRARY}/messaging/deliver-batch.ts`,
    from: 'if (!(await tx.inbox.insert(inbox.service, message.id, now))) return false;',
    to: '',
    caughtBy: 'simulation',
  },
  {
    name: 'a message is handled after its inbox row has committed',
    file: `${LIBRARY}/messaging/deliver-batch.ts`,
    from: 'await inbox.store.transact(work, { signal });',
    to: `let mustHandle = false;
    await inbox.store.transact(async (tx) => void (mustHandle = await isNext(inbox, tx, item)), { signal });
    if (mustHandle) await inbox.store.transact((tx) => inbox.handle(tx, item.message), { signal });`,
    caughtBy: 'simulation',
  },
  {
    name: 'a read model is written before its position commits',
    file: `${LIBRARY}/projection/sink.ts`,
    from: `await applyTo(tx, work, await withoutParked(work, tx, events));
        await advance(tx, to);
      }),`,
    to: `await applyTo(tx, work, await withoutParked(work, tx, events));
      }).then(() => work.store.transact((tx) => advance(tx, to))),`,
    caughtBy: 'simulation',
  },
  {
    name: 'a command forgets the key it was called with',
    file: `${LIBRARY}/service/answer.ts`,
    from: 'await replies.keep(tx.idempotency, call, { answer: { reply }, at: work.runtime.clock.now() });',
    to: '',
    caughtBy: 'simulation',
  },
  {
    name: 'a command commits before the key it was called with',
    file: `${LIBRARY}/service/answer.ts`,
    from: 'await replies.keep(tx.idempotency, call, { answer: { reply }, at: work.runtime.clock.now() });',
    to: `const kept = { answer: { reply }, at: work.runtime.clock.now() };
    tx.afterCommit(() => void work.store.transact((later) => replies.keep(later.idempotency, call, kept)).catch(() => undefined));`,
    caughtBy: 'simulation',
  },
  {
    name: 'a refusal is forgotten',
    file: `${LIBRARY}/service/answer.ts`,
    from: '      await replies.keep(idempotency, call, { answer, at: runtime.clock.now() });\n',
    to: '',
    caughtBy: 'units',
  },
  {
    name: 'a refusal is kept over a reply',
    file: `${LIBRARY}/service/answer.ts`,
    from: '      if (found) return found;\n',
    to: '      if (found) return undefined;\n',
    caughtBy: 'units',
  },
  {
    name: 'a step that was refused asks again under its old key',
    file: `${LIBRARY}/saga/step-run.ts`,
    from: 'const refusals = refusalsOf(journal, step.name, direction);',
    to: 'const refusals = refusalsOf(journal.slice(0, 0), step.name, direction);',
    caughtBy: 'units',
  },
  {
    name: 'what a command emits is dropped',
    file: `${LIBRARY}/service/answer.ts`,
    from: `    await flush();
`,
    to: '',
    caughtBy: 'units',
  },
  {
    name: 'what was emitted commits without the rest',
    file: `${LIBRARY}/log/open-unit.ts`,
    from: 'if (emitted.length === 0) return;',
    to: 'if (emitted.length >= 0) return;',
    caughtBy: 'units',
  },
  {
    name: 'a saga writes its journal before what belongs to it',
    file: `${LIBRARY}/saga/saga-draft.ts`,
    from: 'for (const write of [...this.#joint.map((joint) => joint.write), ...writes]) await write(tx);',
    to: `const late = [...this.#joint.map((joint) => joint.write), ...writes];
      tx.afterCommit(() => void late.forEach((write) => void store.transact(write).catch(() => undefined)));`,
    caughtBy: 'simulation',
  },
  {
    name: 'a step runs before it is written down',
    file: `${LIBRARY}/saga/fly-steps.ts`,
    from: 'if (await flight.draft.save({ lines: attempts.map(startLine) })) await makeAttempts(flight, attempts);',
    to: `await makeAttempts(flight, attempts);
  await flight.draft.save({ lines: attempts.map(startLine) });`,
    caughtBy: 'interleavings',
  },
  {
    name: 'the relay moves on before it has published',
    file: `${LIBRARY}/messaging/relay.ts`,
    from: `await bus.publish(target, messages, signal);
      await store.transact((tx) => advance(tx));`,
    to: `await store.transact((tx) => advance(tx));
      await bus.publish(target, messages, signal);`,
    caughtBy: 'simulation',
  },
  {
    name: 'a write of the engine that failed leaves its first half',
    file: `${LIBRARY}/store/sqlite/bracket.ts`,
    from: "undo: () => db.exec('ROLLBACK; BEGIN IMMEDIATE'),",
    to: 'undo: () => undefined,',
    caughtBy: 'store',
  },
  {
    name: 'a commit does not wait for the disk',
    file: `${LIBRARY}/store/sqlite/connection.ts`,
    from: "if (mode === 'wal' && synchronous === SYNCHRONOUS_FULL) return;",
    to: "if (mode === 'wal' && synchronous === SYNCHRONOUS_FULL) return db.exec('PRAGMA synchronous = NORMAL');",
    caughtBy: 'power',
  },
];
