import { describe } from 'node:test';
import type { StorePlace } from './store-suite-place.ts';
import { closingTests } from './store-closing-suite.ts';
import { inboxTests } from './store-inbox-suite.ts';
import { leaseTests } from './store-leases-suite.ts';
import { logReadTests } from './store-log-reads-suite.ts';
import { logTests } from './store-log-suite.ts';
import { migrationTests } from './store-migrations-suite.ts';
import { projectionTests } from './store-projections-suite.ts';
import { sagaClaimTests } from './store-saga-claims-suite.ts';
import { sagaHoldTests } from './store-saga-holds-suite.ts';
import { sagaSignalTests } from './store-saga-signals-suite.ts';
import { sagaTests } from './store-sagas-suite.ts';
import { unitEndTests } from './store-unit-end-suite.ts';
import { unitTests } from './store-units-suite.ts';

/** What a store may lack and still be one. The tests of a missing feature are skipped by name. */
export interface StoreFeatures {
  /** Data outlives the driver; false for a store in memory. */
  readonly durable: boolean;
  /** Several drivers, as in several processes, may have the same data open at once. */
  readonly shared: boolean;
  /** Units of one process run one after another, in the order they were submitted. */
  readonly ordered: boolean;
}

export interface StoreSuiteOptions {
  /** For the report: `SQLite`. */
  readonly name: string;
  /** An empty place for data; every test opens one and disposes it. */
  readonly open: () => Promise<StorePlace>;
  readonly features: StoreFeatures;
}

/** The behaviour that the Store port promises. A driver that passes can stand under every service. */
export function storeSuite(options: StoreSuiteOptions): void {
  describe(`${options.name} is a store`, () => {
    describe('units', () => unitTests(options));
    describe('the end of a unit', () => unitEndTests(options));
    describe('closing', () => closingTests(options));
    describe('log', () => logTests(options));
    describe('reading the log', () => logReadTests(options));
    describe('projections', () => projectionTests(options));
    describe('inbox and idempotency', () => inboxTests(options));
    describe('cursors and leases', () => leaseTests(options));
    describe('sagas', () => sagaTests(options));
    describe('claims of sagas', () => sagaClaimTests(options));
    describe('signals to sagas', () => sagaSignalTests(options));
    describe('what holds sagas back', () => sagaHoldTests(options));
    describe('migrations', () => migrationTests(options));
  });
}
