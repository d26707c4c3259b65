import type { DatabaseSync } from 'node:sqlite';
import type { BuildStatus, ParkedStream, ProjectionBuild, ProjectionReader, ProjectionTable } from '../projections.ts';
import type { Direct } from './direct.ts';
import { isUniqueViolation } from './failure.ts';
import { prepare } from './statement.ts';

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

export function createProjectionReader(db: DatabaseSync): Direct<ProjectionReader> {
  const builds = prepare<BuildRow>(
    db,
    'SELECT * FROM flotilla_projections WHERE ?1 IS NULL OR projection = ?1 ORDER BY projection, build',
  );
  const parked = prepare<ParkedStream>(
    db,
    `SELECT * FROM flotilla_parked_streams WHERE (?1 IS NULL OR projection = ?1) AND (?2 IS NULL OR build = ?2)
       ORDER BY at, position LIMIT ?3`,
  );
  return {
    builds: (projection) => builds.all(projection ?? null).map(projectionBuild),
    parkedStreams: ({ projection, build, limit }) =>
      parked.all(projection ?? null, build ?? null, limit).map((row) => ({ ...row })),
  };
}

export function createProjectionTable(db: DatabaseSync): Direct<ProjectionTable> {
  const insert = prepare<BuildRow>(
    db,
    `INSERT INTO flotilla_projections (projection, build, version, status, tables, at, updated_at)
       VALUES (?1, (SELECT coalesce(max(build), 0) + 1 FROM flotilla_projections WHERE projection = ?1), ?2, ?3, ?4, ?5, ?5)
       RETURNING *`,
  );
  const update = prepare(
    db,
    `UPDATE flotilla_projections SET status = coalesce(?4, status), error = CASE ?5 WHEN 1 THEN ?6 ELSE error END,
       updated_at = ?7 WHERE projection = ?1 AND build = ?2 AND status = ?3`,
  );
  const active = prepare<BuildRow>(db, `SELECT * FROM flotilla_projections WHERE projection = ? AND status = 'active'`);
  const park = prepare(
    db,
    `INSERT INTO flotilla_parked_streams (projection, build, stream, version, position, error, at) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET version = excluded.version, position = excluded.position, error = excluded.error, at = excluded.at`,
  );
  const unpark = prepare(db, 'DELETE FROM flotilla_parked_streams WHERE projection = ? AND build = ? AND stream = ?');

  return {
    ...createProjectionReader(db),
    insert({ projection, version, status, tables, at }) {
      try {
        return projectionBuild(insert.get(projection, version, status, JSON.stringify(tables), at)!);
      } catch (error) {
        if (isUniqueViolation(error)) return undefined;
        throw error;
      }
    },
    holdActive(projection) {
      // No other unit runs until this one has ended.
      const row = active.get(projection);
      return row && projectionBuild(row);
    },
    update({ projection, build, from, set, at }) {
      const error = 'error' in set ? 1 : 0;
      return update.run(projection, build, from, set.status ?? null, error, set.error ?? null, at).changes === 1;
    },
    park: ({ projection, build, stream, version, position, error, at }) =>
      void park.run(projection, build, stream, version, position, error, at),
    unpark: ({ projection, build, stream }) => unpark.run(projection, build, stream).changes === 1,
  };
}

function projectionBuild(row: BuildRow): ProjectionBuild {
  const { projection, build, version, status, error, at, updated_at: updatedAt } = row;
  // Written by `insert` from exactly this type.
  const tables = JSON.parse(row.tables) as string[];
  return { projection, build, version, status, tables, error: error ?? undefined, at, updatedAt };
}
