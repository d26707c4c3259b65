import { freePort } from './free-ports.ts';
import { GATEWAY } from './survey.ts';
/** STOP-GAP until parts find each other through the registry of the data folder. */
export async function stopGapPeers(names: readonly string[]): Promise<(name: { part: string; instance: number }) => string[]> {
  const ports = new Map<string, number>();
  for (const name of names) if (name !== GATEWAY) ports.set(name, await freePort());
  return ({ part, instance }) => {
    const peers = [...ports].filter(([name]) => name !== part).map(([name, port]) => `${name}=http://127.0.0.1:${port}`);
    const own = part === GATEWAY || instance > 1 ? [] : [`--port=${ports.get(part)}`];
    return [...own, `--peers=${peers.join()}`];
  };
}
