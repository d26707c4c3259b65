import { once } from 'node:events';
import { connect } from 'node:net';
import type { Report } from './check.ts';

/** Whether somebody takes connections there. */
export async function checkTcp(host: string, port: number, signal: AbortSignal): Promise<Report> {
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect', { signal });
    return { finding: 'pass', output: `TCP ${host}:${port} takes connections` };
  } finally {
    socket.destroy();
  }
}
