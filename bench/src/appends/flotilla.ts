import { systemRuntime as runtime } from 'flotilla/kernel';
import { compete, place } from '../contender/compete.ts';
import { openDriver } from '../store.ts';
import { createTurns, data } from './turns.ts';
import { withoutFence } from './without-fence.ts';

// Appends of single events, each with the version that its stream must have.

const SERVICE = 'tills';
const store = await (await openDriver(place)).open(SERVICE, { migrations: {} });
if (process.argv.includes('--without-fence')) await withoutFence(`${place.url}_${SERVICE}`);
const turnOf = createTurns();

await compete({
  async call(lane) {
    const { stream, version } = turnOf(lane);
    const id = runtime.ids();
    const event = { type: 'Sold', schemaVersion: 1, id, data, meta: { correlationId: id }, at: runtime.clock.now() };
    await store.events.append({ stream, expectedVersion: version, events: [event] });
  },
});
