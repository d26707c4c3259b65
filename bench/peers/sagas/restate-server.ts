import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from 'flotilla/testing';
import { folderUntilExit } from '../../src/folder.ts';

const START_MS = 30_000;

export interface RestateServer {
  readonly ingressUrl: string;
  readonly pid: number;
}

/** A server with the settings it comes with, but ports and data of its own; it ends with this process. It calls the service. */
export async function startRestate(serviceUrl: string): Promise<RestateServer> {
  const [ingressPort, adminPort, nodePort] = await Promise.all([freePort(), freePort(), freePort()]);
  const program = createRequire(import.meta.url).resolve(`@restatedev/restate-server-${platform()}-${arch()}/bin/restate-server`);
  const args = ['--no-logo', '--node-name', 'bench', '--listen-mode', 'tcp', '--base-dir', await folderUntilExit()];
  const env = {
    ...process.env,
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingressPort}`,
    RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${adminPort}`,
    RESTATE_BIND_ADDRESS: `127.0.0.1:${nodePort}`,
    RESTATE_LOG_FILTER: 'error,octocrab=off',
    RESTATE_DISABLE_TELEMETRY: 'true',
  };
  const server = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  process.once('exit', () => server.kill('SIGKILL'));
  await register(`http://127.0.0.1:${adminPort}/deployments`, serviceUrl);
  return { ingressUrl: `http://127.0.0.1:${ingressPort}`, pid: server.pid! };
}

/** Tells the server of the service as soon as it listens. */
async function register(url: string, uri: string): Promise<void> {
  const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ uri }) };
  const giveUpAt = performance.now() + START_MS;
  for (;;) {
    const answer = await fetch(url, request).catch(() => undefined);
    if (answer?.ok) return;
    if (performance.now() > giveUpAt) throw new Error(`Restate did not take the service: ${await answer?.text()}`);
    await sleep(100);
  }
}
