import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { contract } from '../contract/index.ts';
import { isFlotillaError } from '../kernel/index.ts';
import { service } from '../service/index.ts';
import { system } from './index.ts';

const catalog = contract('catalog', {
  version: '1.0.0',
  team: 'content',
  queries: { product: { input: z.object({ id: z.string() }), output: z.object({ id: z.string() }) } },
  events: { ProductWithdrawn: { version: 1, schema: z.object({ id: z.string() }) } },
});
const orders = contract('orders', { version: '1.0.0', team: 'sales' });
const catalogService = service(catalog, { handlers: { product: ({ id }) => ({ id }) } });

const problems = (make: () => unknown): string => {
  try {
    make();
  } catch (error) {
    assert.ok(isFlotillaError(error) && error.code === 'INVALID_SYSTEM', String(error));
    return error.message;
  }
  return assert.fail('the system was accepted');
};

test('a system whose parts fit together is accepted', () => {
  const ordersService = service(orders, { calls: { catalog }, handlers: {} }).on(
    catalog.events.ProductWithdrawn,
    () => undefined,
  );
  assert.equal(system('shop', { services: [catalogService, ordersService] }).name, 'shop');
});

test('two services that claim one operation are named with their teams', () => {
  const rival = service(contract('catalog', { ...catalog, team: 'pirates', queries: catalog.queries, events: {} } as never), {
    handlers: { product: () => ({ id: '' }) } as never,
  });
  const message = problems(() => system('shop', { services: [catalogService, rival] }));
  assert.match(message, /two services claim catalog\.product: one of team content \(1\.0\.0\) and one of team pirates/);
});

test('everything that does not fit is listed at once', () => {
  const lonely = service(orders, { calls: { catalog }, handlers: {} }).on(catalog.events.ProductWithdrawn, () => undefined);
  const careless = { ...catalogService, handlers: {} };
  const message = problems(() => system('Shop!', { services: [lonely] }));
  assert.match(message, /'Shop!' is not a system name/);
  assert.match(message, /orders calls 'catalog', which is not in the system/);
  assert.match(message, /orders waits for catalog\.ProductWithdrawn/);
  assert.match(
    problems(() => system('shop', { services: [careless] })),
    /catalog\.product has no handler/,
  );
});
