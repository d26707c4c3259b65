import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';
import { compete, place } from '../../src/contender/compete.ts';
import { createTurns, data } from '../../src/appends/turns.ts';
import { emmettDatabase } from '../emmett-database.ts';

// Appends of single events, each with the version that its stream must have, as the documentation does it.

const store = getPostgreSQLEventStore(await emmettDatabase(place.url));
const turnOf = createTurns();

await compete({
  async call(lane) {
    const { stream, version } = turnOf(lane);
    const expectedStreamVersion = version === 0 ? 'STREAM_DOES_NOT_EXIST' : BigInt(version);
    await store.appendToStream(stream, [{ type: 'Sold', data }], { expectedStreamVersion });
  },
});
