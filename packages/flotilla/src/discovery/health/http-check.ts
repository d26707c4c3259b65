import type { IncomingMessage } from 'node:http';
import type { Report } from './check.ts';

/** Health answers are short. What is longer is not read, and the connection is closed. */
const BODY_BYTES = 4_096;

/** Asks once, on a connection of its own, so that what is checked is also whether connections are taken. */
export async function checkHttp(url: string, signal: AbortSignal): Promise<Report> {
  const response = await answer(url, signal);
  const { statusCode: status = 0 } = response;
  const body = await head(response);
  const output = `HTTP ${status}${body === '' ? '' : `: ${body}`}`;
  if (status === 429) return { finding: 'warn', output };
  return { finding: status >= 200 && status < 300 ? 'pass' : 'fail', output };
}

async function answer(url: string, signal: AbortSignal): Promise<IncomingMessage> {
  // Only now, as most systems check nobody from outside.
  const { get } = url.startsWith('https:') ? await import('node:https') : await import('node:http');
  return await new Promise((resolve, reject) => {
    get(url, { signal, agent: false, headers: { 'user-agent': 'flotilla-health', connection: 'close' } }, resolve).on(
      'error',
      reject,
    );
  });
}

async function head(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= BODY_BYTES) break;
  }
  response.destroy();
  return Buffer.concat(chunks).subarray(0, BODY_BYTES).toString('utf8');
}
