import { createResolver } from 'flotilla/discovery';
import { systemRuntime as runtime } from 'flotilla/kernel';
import { silentLogger } from 'flotilla/telemetry';
import { INSTANCES, SERVICES } from './crowd.ts';
import { openRegistry } from './open.ts';

/** A process that follows everybody as a caller does, and reports how old each change was when it saw it. */
const registry = openRegistry();
const resolver = createResolver({ registry, runtime, log: silentLogger });
const ages: number[] = [];
const known = new Map<string, number>();
let ready = false;
resolver.onChange(() => {
  const now = Date.now();
  for (let service = 0; service < SERVICES; service++) {
    for (const { id, metadata } of resolver.instances(`service-${service}`)) {
      const at = Number(metadata.at);
      if (at > (known.get(id) ?? 0)) ages.push(now - at);
      known.set(id, at);
    }
  }
  if (!ready && known.size === INSTANCES) ready = process.send!('ready');
});
process.on('message', () => process.send!(ages.splice(0)));
process.on('disconnect', () => process.exit());
