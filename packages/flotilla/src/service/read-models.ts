import { FlotillaError } from '../kernel/index.ts';
import { createProjector, type Projection, type Projector, type ProjectorOptions } from '../projection/index.ts';
import { type Health, overall } from '../telemetry/index.ts';
import type { ServiceDefinition } from './service.ts';

/** The read models of one service. */
export interface ReadModels {
  readonly all: readonly Projector[];
  /** Waits until a read model holds everything committed before now. Throws `UNKNOWN_PROJECTION`. */
  caughtUp(projection: Projection, signal: AbortSignal): Promise<void>;
  health(): Health;
}

export function createReadModels(
  { contract, projections }: ServiceDefinition,
  shared: Omit<ProjectorOptions, 'projection'>,
): ReadModels {
  const byName = new Map(projections.map((projection) => [projection.name, createProjector({ ...shared, projection })]));
  return {
    all: [...byName.values()],
    health: () => overall(Object.fromEntries([...byName].map(([name, projector]) => [name, projector.health()]))),
    caughtUp: async ({ name }, signal) => {
      const projector = byName.get(name);
      if (projector) return await projector.caughtUp(signal);
      const message = `The service '${contract.name}' has no projection '${name}'. List it under 'projections'.`;
      throw new FlotillaError('UNKNOWN_PROJECTION', { kind: 'internal', message });
    },
  };
}
