import { systemRuntime as runtime } from '../../kernel/index.ts';
import { database } from '../../store/index.ts';
import { sqliteDriver } from '../../store/sqlite/index.ts';
import { stand } from '../../testing/index.ts';

/** A process of its own: would lead over the store in a folder. */
const [folder, candidate] = process.argv.slice(2);
stand(await sqliteDriver({ folder: folder!, runtime }).open('suite', database({})), candidate!);
