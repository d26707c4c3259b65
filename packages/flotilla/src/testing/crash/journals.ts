import type { ClaimedSaga, JournalEntry, Store } from '../../store/index.ts';

/** The journal of a saga with that of each child where the child began, and where it began to be undone: what happened, in its order. */
export async function wholeJournal(store: Store, { journal }: ClaimedSaga): Promise<JournalEntry[]> {
  const lines: JournalEntry[] = [];
  const left = new Map<string, JournalEntry[]>();
  for (const line of journal) {
    const begins = line.status === 'started';
    const { child } = (line.output ?? {}) as { child?: string };
    lines.push(line);
    if (child !== undefined && begins) {
      const found = (await store.sagas.find(child))?.journal ?? [];
      const isUndoneLater = journal.some(({ step, direction }) => step === line.step && direction === 'compensate');
      const undoing = isUndoneLater ? found.filter(({ direction }) => direction === 'compensate') : [];
      left.set(line.step, undoing);
      lines.push(...found.filter((entry) => !undoing.includes(entry)));
    }
    if (line.direction === 'compensate' && begins) lines.push(...(left.get(line.step) ?? []));
  }
  return lines;
}
