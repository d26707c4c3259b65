import { DBOS } from '@dbos-inc/dbos-sdk';
import { compete, place } from '../../src/contender/compete.ts';
import { ownCpuMs } from '../../src/process-usage.ts';

// A workflow of four steps that do nothing, called as the documentation does: each step is a checkpoint in PostgreSQL.

if (place.url === undefined) throw new Error('Name a database on a PostgreSQL server: --url postgres://…');

const step = async (): Promise<null> => null;

async function voyage(): Promise<void> {
  await DBOS.runStep(step, { name: 'load' });
  await DBOS.runStep(step, { name: 'sail' });
  await DBOS.runStep(step, { name: 'land' });
  await DBOS.runStep(step, { name: 'unload' });
}

const workflow = DBOS.registerWorkflow(voyage, { name: 'voyage' });
DBOS.setConfig({
  name: 'voyages',
  applicationVersion: '1',
  systemDatabaseUrl: `${place.url}_dbos`,
  logLevel: 'error',
});
await DBOS.launch();

await compete({ call: () => workflow(), cpuMs: { cpuUs: ownCpuMs } });
