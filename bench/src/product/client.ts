import { type Client, createClient } from 'flotilla/client';
import { systemRuntime as runtime } from 'flotilla/kernel';
import { anonymous } from 'flotilla/security';
import { startTrace } from 'flotilla/telemetry';
import type { CallHandler } from 'flotilla/transport';
import { products } from './contract.ts';

/** The client that another service of the system would have. */
export function productClient(call: CallHandler): Client<typeof products> {
  const context = {
    identity: anonymous,
    caller: { internal: true, name: 'service:bench' },
    trace: startTrace(runtime.random),
    correlationId: runtime.ids(),
    signal: new AbortController().signal,
  };
  return createClient({ contract: products, call, runtime, context });
}

/** Asks for the product and looks at the answer. */
export async function lookUp(client: Client<typeof products>): Promise<void> {
  const { price } = await client.get({ id: 'sencha-green-tea' });
  if (price !== 990) throw new Error(`The price was ${price}.`);
}
