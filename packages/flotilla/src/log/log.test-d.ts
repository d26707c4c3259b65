import { aggregate, type Change, type History, type Load, type Upcasters } from './index.ts';

// Everything in this file is checked by the compiler only.

type TillEvent = { type: 'Added'; data: { cents: number } } | { type: 'Emptied'; data: null };
type TillCommand = { type: 'Add'; cents: number } | { type: 'Empty' };

const till = aggregate<number, TillEvent, TillCommand>('till', {
  initial: 0,
  evolve: (sum, event) => (event.type === 'Added' ? sum + event.data.cents : 0),
  decide: (command, sum) => (command.type === 'Add' ? [{ type: 'Added', data: { cents: command.cents + sum } }] : []),
  upcasters: { Added: { 1: (data: { amount: number }) => ({ cents: data.amount * 100 }) } },
});
const bare = aggregate<number, TillEvent>('bare', { initial: 0, evolve: (sum) => sum });

/** An event that the aggregate does not have needs no upcaster. */
export const unknown: Upcasters<TillEvent['type']> = {
  // @ts-expect-error there is no such event
  Lost: { 1: () => null },
};

export async function changes(change: Change): Promise<number> {
  const { state, version, position } = await change(till, 'a', { type: 'Add', cents: 5 });
  await change(till, { id: 'a', version }, (sum) => (sum > 3 ? [{ type: 'Emptied', data: null }] : []));
  // @ts-expect-error there is no such command
  await change(till, 'a', { type: 'Steal' });
  // @ts-expect-error there is no such event
  await change(till, 'a', () => [{ type: 'Stolen', data: null }]);
  // @ts-expect-error the event's data are others
  await change(till, 'a', () => [{ type: 'Added', data: { cents: 'five' } }]);
  // @ts-expect-error an aggregate that decides nothing takes no commands
  await change(bare, 'a', { type: 'Empty' });
  return state + position;
}

export async function looks(load: Load, history: History): Promise<number> {
  const now: number = (await load(till, 'a')).state;
  const then: number = (await load(till, 'a', { atTime: 0 })).state;
  // @ts-expect-error a moment is a version or a time
  await load(till, 'a', { at: 3 });
  const [event] = await history.of(till, 'a', { upTo: 3 });
  const cents = event?.type === 'Added' ? event.data.cents : 0;
  // @ts-expect-error the event has no such data
  return now + then + cents + (event?.type === 'Emptied' ? event.data.cents : 0);
}
