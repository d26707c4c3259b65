import { untilAborted } from '../../../kernel/index.ts';
import { openServer } from './open-server.ts';

// A process that answers calls: `ask` at once, `wait` never, and `waiting` with the number of those.

let waiting = 0;
const { port } = await openServer({
  port: Number(process.argv[2]),
  call: async ({ operation, input }, signal) => {
    if (operation === 'waiting') return waiting;
    if (operation !== 'wait') return input;
    waiting++;
    return await untilAborted(signal, new Promise(() => undefined)).finally(() => waiting--);
  },
});
process.send!({ port });
process.once('disconnect', () => process.exit());
