import { Client } from 'pg';
import { startPostgres } from './server.ts';

// A process that starts a server and never disposes it.

const server = await startPostgres();
const client = new Client({ connectionString: server.url });
await client.connect();
const { rows } = await client.query<{ folder: string }>(`SELECT current_setting('data_directory') AS folder`);
await client.end();
console.log(JSON.stringify({ url: server.url, folder: rows[0]!.folder }));
// Stays until it is killed.
process.stdin.resume();
