import { suite } from 'node:test';
import { createFakeRuntime, registrySuite } from 'flotilla/testing';
import { takeClock } from '../testing/database-clock.ts';
import { usePostgres } from '../testing/index.ts';
import { postgresRegistry } from './postgres-registry.ts';

const postgres = usePostgres();
const STEP_MS = 500;

suite('the registry in PostgreSQL', { skip: postgres.skip }, () => {
  registrySuite({
    name: 'PostgreSQL',
    async open() {
      await using stack = new AsyncDisposableStack();
      const { url } = stack.use(await postgres.freshDatabase());
      const clock = stack.use(await takeClock(url));
      const runtime = createFakeRuntime();
      const registry = stack.use(postgresRegistry({ url, runtime }));
      const elsewhere = stack.use(postgresRegistry({ url, runtime }));
      const settle = async (): Promise<void> => void (await Promise.all([registry.check(), elsewhere.check()]));
      await settle();
      const opened = stack.move();
      return {
        registry,
        elsewhere,
        // Both clocks move together, as they do in life; after each step what it set off is done before the next.
        async advance(ms) {
          for (let left = ms; left > 0; left -= STEP_MS) {
            await clock.advance(Math.min(left, STEP_MS));
            await runtime.clock.advance(Math.min(left, STEP_MS));
            await settle();
            await settle();
          }
        },
        [Symbol.asyncDispose]: () => opened.disposeAsync(),
      };
    },
  });
});
