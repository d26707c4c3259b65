import { registryLeasesSuite } from './registry-leases-suite.ts';
import type { RegistrySuiteOptions } from './registry-suite-place.ts';
import { registryWatchSuite } from './registry-watch-suite.ts';

/** What every registry promises. A driver that passes may hold a system's instances. */
export function registrySuite(options: RegistrySuiteOptions): void {
  registryLeasesSuite(options);
  registryWatchSuite(options);
}
