import type { Snapshot } from 'flotilla/store';
import { type Queries, statement, toText } from './statement.ts';

const keep = statement(
  `INSERT INTO flotilla_snapshots AS kept (stream, version, fold_hash, data, at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (stream) DO UPDATE
       SET version = excluded.version, fold_hash = excluded.fold_hash, data = excluded.data, at = excluded.at
       WHERE excluded.version > kept.version OR excluded.fold_hash <> kept.fold_hash`,
);

export async function keepSnapshot(db: Queries, { stream, version, foldHash, data, at }: Snapshot): Promise<void> {
  await db.query(keep, [stream, version, foldHash, toText(data), at]);
}
