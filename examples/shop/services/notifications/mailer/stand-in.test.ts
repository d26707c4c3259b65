import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { StandInMailer } from './stand-in.ts';

test('a mail is delivered once per key, also by a mailer that was restarted', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'mailer-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'outside', 'books.db');
  const mail = { key: 'confirmation:o-1', to: 'ada@example.com', subject: 'Order o-1', text: 'On its way.' };
  {
    using mailer = new StandInMailer(path);
    await mailer.send(mail);
  }
  using restarted = new StandInMailer(path);
  await restarted.send(mail);
  await restarted.send({ ...mail, key: 'confirmation:o-2' });
  using db = new DatabaseSync(path);
  const keys = db.prepare('SELECT key FROM mails ORDER BY key').all();
  assert.deepEqual(
    keys.map(({ key }) => key),
    ['confirmation:o-1', 'confirmation:o-2'],
  );
});
