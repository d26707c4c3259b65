import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { prepareProjections } from '../../projection/index.ts';
import type { ServiceDefinition } from '../../service/index.ts';
import type { Store } from '../../store/index.ts';
import { addressOf, sqliteDriver } from '../../store/sqlite/index.ts';
import { silentLogger } from '../../telemetry/index.ts';
import { scratchFolder } from '../scratch-folder.ts';
import type { Agenda } from './agenda.ts';
import { MachineClock } from './machine-clock.ts';

/** The database of one service, used by one run after the other. */
export interface SharedStore {
  readonly store: Store;
  /** The clock that its leases run on. */
  readonly clock: MachineClock;
  /** Puts everything back to how it was after the migrations. */
  reset(): void;
}

/** Real SQLite databases, one for each service, opened once: to open them anew for each run would take most of its time. */
export async function openStores(
  services: readonly ServiceDefinition[],
  agenda: Agenda,
): Promise<{ readonly of: (service: string) => SharedStore } & AsyncDisposable> {
  await using scope = new AsyncDisposableStack();
  const folder = await mkdtemp(join(scratchFolder, 'flotilla-simulation-'));
  scope.defer(() => rm(folder, { recursive: true }));
  const stores = new Map<string, SharedStore>();
  for (const { contract, database, projections } of services) {
    const clock = new MachineClock(agenda);
    const driver = scope.use(sqliteDriver({ folder, confined: true, runtime: { clock } }));
    const store = await driver.open(contract.name, database);
    await prepareProjections({ store, projections, runtime: { clock }, log: silentLogger });
    const template = scope.use(openTemplate(join(folder, `${contract.name}.db`)));
    stores.set(contract.name, { store, clock, reset: () => template.restore() });
  }
  const opened = scope.move();
  return { of: (service) => stores.get(service)!, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

interface Table {
  readonly clear: () => void;
  readonly fill: () => void;
}

/** Remembers what a database holds, and brings it back. */
function openTemplate(path: string): { restore(): void } & Disposable {
  const db = new DatabaseSync(addressOf(path, true), { enableForeignKeyConstraints: false });
  const names = db
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND (name NOT LIKE 'sqlite_%' OR name = 'sqlite_sequence')")
    .all()
    .map(({ name }) => String(name));
  const tables = names.map((name) => rememberTable(db, name));
  return {
    restore() {
      db.exec('BEGIN IMMEDIATE');
      for (const { clear } of tables) clear();
      for (const { fill } of tables) fill();
      db.exec('COMMIT');
    },
    [Symbol.dispose]: () => db.close(),
  };
}

function rememberTable(db: DatabaseSync, name: string): Table {
  const table = `"${name.replaceAll('"', '""')}"`;
  const rows = db.prepare(`SELECT * FROM ${table}`).all();
  const remove = db.prepare(`DELETE FROM ${table}`);
  const columns = Object.keys(rows[0] ?? {});
  const places = columns.map(() => '?').join(', ');
  const insert = rows.length > 0 ? db.prepare(`INSERT INTO ${table} VALUES (${places})`) : undefined;
  return {
    clear: () => void remove.run(),
    fill: () => {
      // What came out of a table goes back in.
      for (const row of rows) insert!.run(...(Object.values(row) as SQLInputValue[]));
    },
  };
}
