import type { DatabaseSync } from 'node:sqlite';
import type { Snapshot } from '../events.ts';
import { fromText, prepare, toText } from './statement.ts';

interface SnapshotRow {
  stream: string;
  version: number;
  fold_hash: string;
  data: string | null;
  at: number;
}

export function createSnapshotReader(db: DatabaseSync): (stream: string) => Snapshot | undefined {
  const find = prepare<SnapshotRow>(db, 'SELECT * FROM flotilla_snapshots WHERE stream = ?');
  return (stream) => {
    const row = find.get(stream);
    return row && { stream, version: row.version, foldHash: row.fold_hash, data: fromText(row.data), at: row.at };
  };
}

export function createSnapshotWriter(db: DatabaseSync): (snapshot: Snapshot) => void {
  const keep = prepare(
    db,
    `INSERT INTO flotilla_snapshots (stream, version, fold_hash, data, at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET version = excluded.version, fold_hash = excluded.fold_hash, data = excluded.data, at = excluded.at
       WHERE excluded.version > version OR excluded.fold_hash <> fold_hash`,
  );
  return ({ stream, version, foldHash, data, at }) => void keep.run(stream, version, foldHash, toText(data), at);
}
