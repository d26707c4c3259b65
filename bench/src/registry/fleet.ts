import { CHANGES_PER_S, INSTANCES, member } from './crowd.ts';
import { openRegistry } from './open.ts';

/** A process that registers everybody, keeps their leases alive from its heartbeat thread, and changes some of them. */
const registry = openRegistry();
for (let index = 0; index < INSTANCES; index++) {
  const registration = member(index, 0, 'passing');
  await registry.register(registration);
  registry.keepAlive(registration, () => undefined);
}
process.send!('ready');
let turn = 0;
setInterval(() => {
  const status = Math.floor(turn / INSTANCES) % 2 === 0 ? 'warning' : 'passing';
  void registry.register(member((turn * 7) % INSTANCES, Date.now(), status));
  turn += 1;
}, 1_000 / CHANGES_PER_S);
process.on('disconnect', () => process.exit());
