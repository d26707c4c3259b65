import type { Contract } from '../contract/index.ts';
import type { Runtime } from '../kernel/index.ts';
import { createFollower, createLeaseKeeper, declaredEvent, type Follower, type LeaseKeeper } from '../log/index.ts';
import type { Store, StoredEvent } from '../store/index.ts';
import { type Health, type Logger, overall } from '../telemetry/index.ts';
import type { Bus } from './bus.ts';
import { toMessage } from './convert.ts';

const BATCH_SIZE = 500;

export interface RelayOptions {
  readonly store: Store;
  readonly contract: Contract;
  readonly bus: Bus;
  /** Brings an event to the present version of its schema. */
  readonly present?: (event: StoredEvent) => StoredEvent;
  readonly runtime: Pick<Runtime, 'clock' | 'random'>;
  readonly log: Logger;
  /** This incarnation of this process; never a host name. */
  readonly owner: string;
}

/**
 * Publishes the events that the contract declares from the service's log. Each bus target has its own lane and cursor, so one
 * that is down holds up nobody else. A batch may be published twice (the inbox drops repeats), never left out.
 */
export interface Relay extends AsyncDisposable {
  start(): void;
  health(): Health;
}

export function createRelay(options: RelayOptions): Relay {
  const { store, contract, bus, runtime, owner } = options;
  const lease = createLeaseKeeper({ store, runtime, owner, name: 'relay' });
  const lanes = new Map(bus.targets(contract.name).map((target) => [target, lane(options, target, lease)]));
  return {
    start: () => lanes.forEach((follower) => follower.start()),
    health: () => overall(Object.fromEntries([...lanes].map(([target, follower]) => [target, follower.health()]))),
    async [Symbol.asyncDispose]() {
      await Promise.all([...lanes.values()].map((follower) => follower[Symbol.asyncDispose]()));
      await lease[Symbol.asyncDispose]();
    },
  };
}

function lane(options: RelayOptions, target: string, lease: LeaseKeeper): Follower {
  const { store, contract, bus, runtime, log, present = (event) => event } = options;
  const prefix = `${contract.name}.`;
  const wanted = bus.wants(target).filter((type) => type.startsWith(prefix));
  return createFollower({
    store,
    runtime,
    log: log.child({ relay: target }),
    cursor: `relay:${target}`,
    lease,
    types: wanted.map((type) => type.slice(prefix.length)).filter((type) => declaredEvent(contract, type)),
    batchSize: BATCH_SIZE,
    handle: async (batch, { advance }, signal) => {
      const messages = batch.map((event) => toMessage(contract, present(event)));
      await bus.publish(target, messages, signal);
      await store.transact((tx) => advance(tx));
    },
  });
}
