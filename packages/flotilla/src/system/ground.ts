import { type DataFolder, openDataFolder } from '../store/sqlite/index.ts';
import type { DataPlace, Infrastructure, Site } from './infrastructure.ts';

/** What a process stands on before anything of it runs. Disposing leaves it to others. */
export interface Ground extends AsyncDisposable, Pick<DataFolder, 'announce'>, Pick<DataPlace, 'driver' | 'registry'> {
  /** The secret that the parts of the system know each other by. */
  readonly systemKey: string;
}

/** Takes the machine's own folder first, so that nobody else starts here, then the data, wherever that is. */
export async function openGround(site: Site, { openData }: Infrastructure, givenKey: string | undefined): Promise<Ground> {
  await using scope = new AsyncDisposableStack();
  const folder = scope.use(await openDataFolder({ ...site, folder: site.dataFolder }));
  const { driver, registry, seal } = scope.use(await openData(site));
  const systemKey = await folder.systemKey({ given: givenKey, seal });
  const opened = scope.move();
  return { driver, registry, systemKey, announce: folder.announce, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
