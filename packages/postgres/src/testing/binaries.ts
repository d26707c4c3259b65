import { existsSync, globSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { systemRuntime } from 'flotilla/kernel';

/** Where packages put the server, beside what `PATH` names: Debian, Red Hat, Homebrew, Postgres.app. */
const USUAL_PLACES = [
  '/usr/lib/postgresql/*/bin',
  '/usr/pgsql-*/bin',
  '/opt/homebrew/opt/postgresql@*/bin',
  '/Applications/Postgres.app/Contents/Versions/*/bin',
];

/** The folder with `initdb`, `postgres` and their like, the newest if there are several; undefined when PostgreSQL is not installed. */
export function findBinaries(): string | undefined {
  const onPath = (systemRuntime.env.PATH ?? '').split(delimiter).filter(Boolean);
  const usual = USUAL_PLACES.flatMap((pattern) => globSync(pattern)).sort(byVersion);
  const found = [...onPath, ...usual.toReversed()].find((folder) =>
    ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))),
  );
  // What a link on the `PATH` points to has its neighbours beside it.
  return found && dirname(realpathSync(join(found, 'initdb')));
}

function byVersion(left: string, right: string): number {
  return left.localeCompare(right, 'en', { numeric: true });
}
