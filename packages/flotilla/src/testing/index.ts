export { createFakeClock, type FakeClock } from './fake-clock.ts';
export { createFakeRuntime, type FakeRuntime, type FakeRuntimeOptions, seededRandom } from './fake-runtime.ts';
export { type BusSubscriber, busSuite, type BusSuiteOptions } from './bus-suite.ts';
export { openTemporaryStore, type TemporaryStoreOptions } from './temporary-store.ts';
export { until } from './until.ts';
export { openRaw, type RawConnection, sendRaw } from './raw-http.ts';
export { withMethods } from './with-methods.ts';
export { type StoreFeatures, storeSuite, type StoreSuiteOptions } from './store-suite.ts';
export type { StorePlace } from './store-suite-place.ts';
