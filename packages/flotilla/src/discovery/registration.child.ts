import { systemRuntime } from '../kernel/index.ts';
import { silentLogger } from '../telemetry/index.ts';
import { createRegistration, sqliteRegistry } from './index.ts';

/** A process of its own for tests: registers, then blocks its main loop for as long as each line of its input says. */
const [folder, id] = process.argv.slice(2);
const registry = sqliteRegistry({ folder: folder!, heartbeatMs: 300, runtime: systemRuntime });
const registration = createRegistration({
  registry,
  instance: {
    id: id!,
    service: 'catalog',
    url: 'http://127.0.0.1:7001',
    version: '1.0.0',
    weight: 1,
    metadata: {},
    ttlMs: 1_500,
  },
  runtime: systemRuntime,
  log: silentLogger,
});
await registration.listed(new AbortController().signal);
console.log('listed');
process.stdin.setEncoding('utf8').on('data', (line: string) => {
  const until = systemRuntime.clock.monotonic() + Number(line);
  while (systemRuntime.clock.monotonic() < until);
});
process.stdin.on('end', () => void registration[Symbol.asyncDispose]().then(() => registry[Symbol.asyncDispose]()));
