import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Lockfile, withPlatforms } from './platforms.ts';

const file = join(import.meta.dirname, '../../package-lock.json');
const lockfile = JSON.parse(await readFile(file, 'utf8')) as Lockfile;
await writeFile(file, `${JSON.stringify(withPlatforms(lockfile), null, 2)}\n`);
