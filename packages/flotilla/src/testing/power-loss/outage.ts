import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { systemRuntime } from '../../kernel/index.ts';
import { database } from '../../store/index.ts';
import { sqliteDriver } from '../../store/sqlite/index.ts';
import { seededRandom } from '../fake-runtime.ts';
import { scratchFolder } from '../scratch-folder.ts';
import { ForgetfulDisk } from './disk.ts';
import type { Deed } from './syscalls.ts';

/** What was found after the power had been cut again and again. */
export interface Outages {
  readonly cuts: number;
  /** Commits that were acknowledged and are not there, or a database that can't be read, each with its cut. */
  readonly losses: readonly string[];
}

/** Cuts the power at moments spread over the whole record, and looks each time at what a store finds. */
export async function cutThePower(deeds: readonly Deed[], cuts: number): Promise<Outages> {
  const random = seededRandom(cuts);
  const moments = new Set(Array.from({ length: cuts }, (_, index) => Math.floor(((index + 1) * deeds.length) / cuts)));
  const disk = new ForgetfulDisk();
  const acknowledged: string[] = [];
  const losses: string[] = [];
  for (const [index, deed] of deeds.entries()) {
    disk.apply(deed);
    if (deed.kind === 'say') acknowledged.push(...Array.from(deed.text.matchAll(/^committed (\d+)$/gm), ([, id]) => id!));
    if (!moments.has(index + 1)) continue;
    const problem = await lookAt(disk.cut(random), acknowledged);
    if (problem !== undefined) losses.push(`after ${index + 1} of ${deeds.length} deeds: ${problem}`);
  }
  return { cuts: moments.size, losses };
}

/** Opens what is left, as a restart would; says what is wrong with it. */
async function lookAt(files: ReadonlyMap<string, Buffer>, acknowledged: readonly string[]): Promise<string | undefined> {
  await using scope = new AsyncDisposableStack();
  const folder = await mkdtemp(join(scratchFolder, 'flotilla-power-'));
  scope.defer(() => rm(folder, { recursive: true }));
  for (const [path, content] of files) await writeFile(join(folder, path), content);
  try {
    const driver = scope.use(sqliteDriver({ folder, runtime: systemRuntime }));
    const store = await driver.open('ledger', database({}));
    const kept = new Set((await store.events.read({ after: 0, limit: 1_000_000 })).map(({ id }) => id));
    const lost = acknowledged.filter((id) => !kept.has(id));
    if (lost.length > 0) return `${lost.length} acknowledged commits are lost, ${lost[0]} first`;
    return integrityProblem(join(folder, 'ledger.db'));
  } catch (thrown) {
    return `the database can't be read: ${String(thrown)}`;
  }
}

function integrityProblem(path: string): string | undefined {
  using db = new DatabaseSync(path, { readOnly: true });
  const answer = db.prepare('PRAGMA integrity_check').get()!.integrity_check as string;
  return answer === 'ok' ? undefined : answer;
}
