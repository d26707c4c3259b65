export type HealthStatus = 'UP' | 'DEGRADED' | 'DOWN';

/** How a part of the system is. A whole is as healthy as its worst component, where `DEGRADED` still answers. */
export interface Health {
  readonly status: HealthStatus;
  /** One sentence for the operator when the status is not UP. */
  readonly reason?: string;
  readonly components?: Readonly<Record<string, Health>>;
}

const RANK: Record<HealthStatus, number> = { UP: 0, DEGRADED: 1, DOWN: 2 };

/** A whole made of named components. */
export function overall(components: Readonly<Record<string, Health>>): Health {
  const statuses = Object.values(components).map(({ status }) => status);
  const worst = statuses.reduce<HealthStatus>((left, right) => (RANK[right] > RANK[left] ? right : left), 'UP');
  return { status: worst, components };
}
