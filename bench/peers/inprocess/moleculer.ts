import { ServiceBroker } from 'moleculer';
import { compete } from '../../src/contender/compete.ts';
import { products } from '../moleculer-products.ts';

// A local call of Moleculer with what a call of ours always has: validation, deadline, retries, breaker, bulkhead, tracing and metrics.

const broker = new ServiceBroker({
  logger: false,
  validator: true,
  requestTimeout: 5_000,
  retryPolicy: { enabled: true },
  circuitBreaker: { enabled: true },
  bulkhead: { enabled: true, concurrency: 100 },
  tracing: { enabled: true, exporter: [] },
  metrics: { enabled: true, reporter: [] },
  contextParamsCloning: true,
});
broker.createService(products);
await broker.start();

await compete({
  async call() {
    const { price } = await broker.call<{ price: number }, { id: string }>('products.get', { id: 'sencha-green-tea' });
    if (price !== 990) throw new Error(`The price was ${price}.`);
  },
});
