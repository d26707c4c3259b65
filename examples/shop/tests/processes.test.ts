import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basket, Browser } from './support/browser.ts';
import { movements } from './support/outside-world.ts';
import { Parts } from './support/parts.ts';

test('the same shop runs as a process per service: orders go through, setbacks are undone, and a killed part comes back', async () => {
  await using parts = await Parts.open();
  const ada = await Browser.signedIn(parts.url);
  const before = await ada.stock('TEA-DARJ-100');

  const good = await ada.settled(await ada.place());
  assert.equal(good.status, 'confirmed');
  const told = await ada.followed(await ada.place(basket({ lines: [{ sku: 'TEA-MINT-050', quantity: 1 }] })));
  assert.equal(told.at(-1)!.history.at(-1)!.type, 'ConfirmationSent');
  const refused = await ada.settled(await ada.place(basket({ paymentToken: 'tok_declined' })));
  assert.deepEqual([refused.status, refused.reason], ['cancelled', 'payment declined: card refused']);
  const nowhere = await ada.settled(await ada.place(basket({ country: 'XX' })));
  assert.equal(nowhere.status, 'cancelled');

  // Payments dies with an order on its way, and comes back.
  await parts.end('payments', 'SIGKILL');
  const patient = await ada.place();
  parts.start('payments');
  const settled = await ada.settled(patient);
  const kinds = movements(parts.data)
    .filter(({ reference }) => reference === patient)
    .map(({ kind }) => kind);
  assert.deepEqual(kinds.filter((kind) => kind === 'charge').length, settled.status === 'confirmed' ? 1 : kinds.length / 2);

  const sold = settled.status === 'confirmed' ? 4 : 2;
  assert.equal((await ada.stock('TEA-DARJ-100')).available, before.available - sold);
  assert.equal(await parts.end('orders', 'SIGTERM'), 0, 'and a part that is asked to stop does so in order');
});
