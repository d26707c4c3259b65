import { systemRuntime as runtime } from 'flotilla/kernel';
import { sqliteDriver } from 'flotilla/store/sqlite';
import { postgresDriver } from '../index.ts';
import { openBranch } from './open-bank.ts';

// A process of the bank: it keeps read models up and takes deposits until it is killed, and asks for rebuilds now and then.

const [place, name] = process.argv.slice(2) as [string, string];
const driver = place.startsWith('postgres://')
  ? postgresDriver({ url: place, runtime })
  : sqliteDriver({ folder: place, runtime });
const branch = await openBranch(driver);
process.send!('open');

for (let count = 1; ; count += 1) {
  // Whatever goes wrong while others are killed, the next deposit tries anew; only what was acknowledged is said.
  await branch.deposit(`${name}-${count % 3}`, 1).then(
    () => process.send!('deposited'),
    () => undefined,
  );
  if (count % 25 === 0) await branch.models.rebuild(count % 50 === 0 ? 'followed' : 'written').catch(() => undefined);
}
