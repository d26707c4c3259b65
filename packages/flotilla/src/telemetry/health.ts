export type HealthStatus = 'UP' | 'DEGRADED' | 'DOWN';

/** How a part of the system is. A whole is as healthy as its worst component, where `DEGRADED` still answers. */
export interface Health {
  readonly status: HealthStatus;
  /** One sentence for the operator when the status is not UP. */
  readonly reason?: string;
  readonly components?: Readonly<Record<string, Health>>;
}

const RANK: Record<HealthStatus, number> = { UP: 0, DEGRADED: 1, DOWN: 2 };

/** The first of the worst, with its reason; `UP` when there is nothing. */
export function worst(healths: readonly Health[]): Health {
  return healths.reduce<Health>((left, right) => (RANK[right.status] > RANK[left.status] ? right : left), { status: 'UP' });
}

/** A whole made of named components. */
export function overall(components: Readonly<Record<string, Health>>): Health {
  const statuses = Object.values(components).map(({ status }) => status);
  const worst = statuses.reduce<HealthStatus>((left, right) => (RANK[right] > RANK[left] ? right : left), 'UP');
  return { status: worst, components };
}
