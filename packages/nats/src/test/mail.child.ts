import { systemRuntime } from 'flotilla/kernel';
import { sqliteDriver } from 'flotilla/store/sqlite';
import { openBus } from './bus.ts';
import { mailOver, mailTables } from './mail.ts';
import { PLACED } from './orders.ts';

// An instance of mail in a process of its own: node mail.child.ts FOLDER URL

const [folder, url] = process.argv.slice(2);
const driver = sqliteDriver({ folder: folder!, alone: false, runtime: systemRuntime });
const mail = mailOver(await driver.open('mail', mailTables));
openBus(url!).subscribe('mail', [PLACED], mail.deliver);
process.once('disconnect', () => process.exit());
process.send!('ready');
