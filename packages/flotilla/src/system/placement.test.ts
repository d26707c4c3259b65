import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contract } from '../contract/index.ts';
import { service } from '../service/index.ts';
import { placementOf } from './placement.ts';
import { system } from './system.ts';

const named = (name: string) => service(contract(name, { version: '1.0.0', team: 'crew' }), { handlers: {} });
const harbour = system('harbour', { services: [named('quay'), named('crane')], gateway: './gateway.yaml' });
const namesOf = (wish: Parameters<typeof placementOf>[1]): string[] =>
  placementOf(harbour, wish).services.map(({ contract: { name } }) => name);

test('a service that is wished for twice runs once', () => {
  assert.deepEqual(namesOf({ only: ['crane', 'quay', 'crane'] }), ['crane', 'quay']);
});

test('one part of a system shares its data folder with the others, the whole and a selection do not', () => {
  const placed = [{}, { only: ['quay'] }, { single: 'quay' }, { single: 'gateway' }].map((wish) => placementOf(harbour, wish));
  assert.deepEqual(
    placed.map(({ gateway, shared }) => ({ gateway, shared })),
    [
      { gateway: true, shared: false },
      { gateway: true, shared: false },
      { gateway: false, shared: true },
      { gateway: true, shared: true },
    ],
  );
});

test('a service that the system does not have is refused with those it has', () => {
  const refusal = { code: 'UNKNOWN_SERVICE', message: "The system 'harbour' has no 'mast'. It has quay, crane, gateway." };
  assert.throws(() => placementOf(harbour, { only: ['quay', 'mast'] }), refusal);
  assert.throws(() => placementOf(harbour, { single: 'mast' }), refusal);
});
