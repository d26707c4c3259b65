import { fingerprints } from './fingerprints.ts';

process.stdout.write(JSON.stringify(await fingerprints(process.argv.slice(2).map(Number))));
