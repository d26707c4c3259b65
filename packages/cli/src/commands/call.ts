import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { durationMs, parseJson } from 'flotilla/kernel';
import { defineCommand, wrongUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { connectToData, connectToUrl, REMOTE_OPTIONS } from '../remote.ts';

export const call = defineCommand({
  description:
    'Calls as an operator: with the key of the data folder every operation is open. The answer goes to standard output as JSON.\n' +
    'With --as the service acts for that user. A command repeated with the same --idempotency-key happens once.',
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
    timeout: { type: 'string', value: 'TIME', description: 'How long to wait; 10s unless said' },
  },
  examples: [
    `flotilla call catalog.product '{"id":"p-1"}'`,
    'flotilla call orders.place @order.json --as user-1 --idempotency-key order-7',
    `echo '{"sku":"TEA-1"}' | flotilla call inventory.stock -`,
  ],
  json: 'The answer on one line; without it the same, indented for people.',
  run: async ({ args: [id, given], options, terminal }) => {
    const [, service, operation] = /^([^.]+)\.([^.]+)$/.exec(id!) ?? [];
    if (service === undefined || operation === undefined) throw wrongUsage(`'${id}' is not SERVICE.OPERATION`);
    if (options.url !== undefined && options.data !== undefined) throw wrongUsage('--url and --data exclude each other');
    const timeoutMs = readTimeout(options.timeout);
    const input = await readInput(given);
    const { url, key, data } = options;
    await using remote = await (url === undefined ? connectToData(data) : connectToUrl(url, key));
    const details = { timeoutMs, subject: options.as, idempotencyKey: options['idempotency-key'] };
    const answer = (await remote.call({ service, operation }, input, details)) ?? null;
    terminal.answer(answer, JSON.stringify(answer, null, 2));
    return EXIT.good;
  },
});

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
  try {
    return parseJson(json);
  } catch (error) {
    throw wrongUsage(`INPUT: ${(error as Error).message}`);
  }
}

async function readInputFile(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((error: Error) => {
    throw wrongUsage(`INPUT: ${error.message}`);
  });
}
