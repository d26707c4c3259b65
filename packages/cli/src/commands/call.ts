import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { durationMs, isFlotillaError } from 'flotilla/kernel';
import { defineCommand, wrongUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { jsonValue } from '../option-values.ts';
import { connectToData, connectToUrl, REMOTE_OPTIONS } from '../remote.ts';
import { watchStopSignals } from '../stop-signals.ts';
import type { Terminal } from '../terminal.ts';

export const call = defineCommand({
  description:
    'Calls as an operator: with the key of the data folder every operation is open. The answer goes to standard output as JSON.\n' +
    'With --as the service acts for that user. A command repeated with the same --idempotency-key happens once. A stream is read\n' +
    'to its end, or until Ctrl+C, each item on a line of its own.',
  args: [
    { name: 'OPERATION', description: 'SERVICE.OPERATION, such as catalog.product' },
    { name: 'INPUT', description: 'The input as JSON, @FILE to read it from a file, or - for standard input', isOptional: true },
  ],
  options: {
    ...REMOTE_OPTIONS,
    url: { type: 'string', value: 'URL', description: 'Internal address of the service, instead of --data' },
    key: { type: 'string', value: 'KEY', description: 'System key to show at --url; without it one is an outsider there' },
    as: { type: 'string', value: 'USER', description: 'Id of the user to act for' },
    'idempotency-key': { type: 'string', value: 'KEY', description: 'Names this piece of work; a new one unless said' },
    timeout: { type: 'string', value: 'TIME', description: 'How long to wait, of a stream for its beginning; 10s unless said' },
  },
  examples: [
    `flotilla call catalog.product '{"id":"p-1"}'`,
    'flotilla call orders.place @order.json --as user-1 --idempotency-key order-7',
    `echo '{"sku":"TEA-1"}' | flotilla call inventory.stock -`,
    `flotilla call orders.follow '{"orderId":"o-1"}' --as user-1`,
  ],
  json: 'The answer on one line; without it the same, indented for people. Of a stream one line per item, with it and without.',
  run: async ({ args: [id, given], options, terminal }) => {
    const [, service, operation] = /^([^.]+)\.([^.]+)$/.exec(id!) ?? [];
    if (service === undefined || operation === undefined) throw wrongUsage(`'${id}' is not SERVICE.OPERATION`);
    if (options.url !== undefined && options.data !== undefined) throw wrongUsage('--url and --data exclude each other');
    const timeoutMs = readTimeout(options.timeout);
    const input = await readInput(given);
    const { url, key, data } = options;
    await using remote = await (url === undefined ? connectToData(data) : connectToUrl(url, key));
    const details = { timeoutMs, subject: options.as, idempotencyKey: options['idempotency-key'] };
    const target = { service, operation };
    try {
      const answer = (await remote.call(target, input, details)) ?? null;
      terminal.answer(answer, JSON.stringify(answer, null, 2));
    } catch (error) {
      if (!isFlotillaError(error) || error.code !== 'NO_STREAM') throw error;
      await printItems(await remote.subscribe(target, input, details), terminal);
    }
    return EXIT.good;
  },
});

/** Until there are no more, or somebody has seen enough. */
async function printItems(items: AsyncIterable<unknown>, terminal: Terminal): Promise<void> {
  using signals = watchStopSignals();
  const reading = items[Symbol.asyncIterator]();
  const stopped = signals.stopped.then(() => undefined);
  for (;;) {
    const next = await Promise.race([reading.next(), stopped]);
    if (next?.done === true) return;
    if (!next) return void (await reading.return?.());
    terminal.printJson(next.value);
  }
}

const DEFAULT_TIMEOUT = '10s';

function readTimeout(given: string = DEFAULT_TIMEOUT): number {
  try {
    return durationMs(given);
  } catch (error) {
    throw wrongUsage(`--timeout: ${(error as Error).message}`);
  }
}

async function readInput(given: string | undefined): Promise<unknown> {
  if (given === undefined) return {};
  const json = given === '-' ? await text(process.stdin) : given.startsWith('@') ? await readInputFile(given.slice(1)) : given;
  return jsonValue('INPUT', json);
}

async function readInputFile(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((error: Error) => {
    throw wrongUsage(`INPUT: ${error.message}`);
  });
}
