import type { AddressInfo } from 'node:net';
import createFastify from 'fastify';
import { shelf } from '../../src/product/tea.ts';
import { listening } from '../../src/rpc/peer.ts';

const text = { type: 'string', minLength: 1, maxLength: 64 };
const input = { type: 'object', required: ['id'], properties: { id: text } };
const output = {
  type: 'object',
  required: ['id', 'sku', 'name', 'description', 'price', 'currency'],
  properties: {
    id: text,
    sku: text,
    name: { type: 'string' },
    description: { type: 'string' },
    price: { type: 'integer', minimum: 0 },
    currency: { type: 'string', enum: ['EUR'] },
  },
};

const fastify = createFastify();
fastify.post<{ Body: { id: string } }>('/products/get', {
  schema: { body: input, response: { 200: output } },
  handler: async ({ body }) => shelf.get(body.id),
});
await fastify.listen({ host: '127.0.0.1', port: 0 });
listening((fastify.server.address() as AddressInfo).port);
