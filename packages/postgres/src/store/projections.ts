import type { BuildStatus, ParkedStream, ProjectionBuild, ProjectionReader, ProjectionTable } from 'flotilla/store';
import { type Queries, statement } from './statement.ts';

interface BuildRow {
  projection: string;
  build: number;
  version: number;
  status: BuildStatus;
  tables: string;
  error: string | null;
  at: number;
  updated_at: number;
}

const builds = statement<BuildRow>(
  'SELECT * FROM flotilla_projections WHERE $1::text IS NULL OR projection = $1 ORDER BY projection, build',
);
const parked = statement<ParkedStream>(
  `SELECT * FROM flotilla_parked_streams WHERE ($1::text IS NULL OR projection = $1) AND ($2::integer IS NULL OR build = $2)
     ORDER BY at, position LIMIT $3`,
);
const insert = statement<BuildRow>(
  `INSERT INTO flotilla_projections (projection, build, version, status, tables, at, updated_at)
     SELECT $1, (SELECT coalesce(max(build), 0) + 1 FROM flotilla_projections WHERE projection = $1), $2, $3, $4, $5, $5
     ON CONFLICT (projection) WHERE status = 'active' DO NOTHING RETURNING *`,
);
const update = statement(
  `UPDATE flotilla_projections SET status = coalesce($4, status), error = CASE WHEN $5::boolean THEN $6 ELSE error END,
     updated_at = $7 WHERE projection = $1 AND build = $2 AND status = $3`,
);
const active = statement<BuildRow>(`SELECT * FROM flotilla_projections WHERE projection = $1 AND status = 'active' FOR SHARE`);
const park = statement(
  `INSERT INTO flotilla_parked_streams (projection, build, stream, version, position, error, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (projection, build, stream) DO UPDATE
       SET version = excluded.version, position = excluded.position, error = excluded.error, at = excluded.at`,
);
const unpark = statement('DELETE FROM flotilla_parked_streams WHERE projection = $1 AND build = $2 AND stream = $3');

export function createProjectionReader(db: Queries): ProjectionReader {
  return {
    builds: async (projection) => (await db.query(builds, [projection ?? null])).rows.map(projectionBuild),
    parkedStreams: async ({ projection, build, limit }) =>
      (await db.query(parked, [projection ?? null, build ?? null, limit])).rows,
  };
}

export function createProjectionTable(db: Queries): ProjectionTable {
  return {
    ...createProjectionReader(db),
    async insert({ projection, version, status, tables, at }) {
      const row = (await db.query(insert, [projection, version, status, JSON.stringify(tables), at])).rows[0];
      return row && projectionBuild(row);
    },
    async update({ projection, build, from, set, at }) {
      const values = [projection, build, from, set.status ?? null, 'error' in set, set.error ?? null, at];
      return (await db.query(update, values)).count === 1;
    },
    async holdActive(projection) {
      const row = (await db.query(active, [projection])).rows[0];
      return row && projectionBuild(row);
    },
    park: async ({ projection, build, stream, version, position, error, at }) =>
      void (await db.query(park, [projection, build, stream, version, position, error, at])),
    unpark: async ({ projection, build, stream }) => (await db.query(unpark, [projection, build, stream])).count === 1,
  };
}

function projectionBuild(row: BuildRow): ProjectionBuild {
  const { projection, build, version, status, error, at, updated_at: updatedAt } = row;
  // Written by `insert` from exactly this type.
  const tables = JSON.parse(row.tables) as string[];
  return { projection, build, version, status, tables, error: error ?? undefined, at, updatedAt };
}
