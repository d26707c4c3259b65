import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { mutated } from './mutation.ts';
import { mutations } from './mutations.ts';
import { openWorkshop, root } from './workshop.ts';

suite('every mutation still fits the code', () => {
  for (const mutation of mutations) {
    test(mutation.name, async () => {
      const text = await readFile(join(root, mutation.file), 'utf8');
      assert.notEqual(mutated(mutation, text), text);
    });
  }

  test('and no two are called the same', () => {
    assert.equal(new Set(mutations.map(({ name }) => name)).size, mutations.length);
  });
});

suite('mutations of each kind are caught in a copy of the repository', () => {
  const telling = ['a saga moves on for whoever lost it', 'a message is handled without its inbox row'];

  for (const mutation of mutations.filter(({ name }) => telling.includes(name))) {
    test(mutation.name, async () => {
      await using workshop = await openWorkshop();
      assert.equal(await workshop.examine(mutation.caughtBy, mutation), 'caught');
    });
  }
});
