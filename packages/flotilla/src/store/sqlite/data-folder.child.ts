import { isFlotillaError, systemRuntime } from '../../kernel/index.ts';
import { openDataFolder } from './index.ts';

/** A process of its own for tests: opens a data folder, says `open` or the error, and holds on until its input ends. */
const [folder, system, sharing] = process.argv.slice(2);
try {
  const shared = sharing === 'shared';
  await using data = await openDataFolder({ folder: folder!, system: system!, shared, runtime: systemRuntime });
  await data.systemKey();
  await data.announce({ services: ['orders'], internalUrl: 'http://127.0.0.1:1' });
  console.log('open');
  await process.stdin.toArray();
} catch (error) {
  console.log(isFlotillaError(error) ? `${error.code} ${error.message}` : error);
}
