import { systemRuntime as runtime } from 'flotilla/kernel';
import { database } from 'flotilla/store';
import { stand } from 'flotilla/testing';
import { postgresDriver } from '../index.ts';

/** A process of its own: would lead over the store at a URL. */
const [url, candidate] = process.argv.slice(2);
stand(await postgresDriver({ url: url!, runtime }).open('suite', database({})), candidate!);
