import { type Client, createClient } from 'flotilla/client';
import { systemRuntime as runtime } from 'flotilla/kernel';
import type { CallHandler } from 'flotilla/transport';
import { benchCaller } from '../caller.ts';
import { products } from './contract.ts';

/** The client that another service of the system would have. */
export function productClient(call: CallHandler): Client<typeof products> {
  return createClient({ contract: products, call, runtime, context: benchCaller() });
}

/** Asks for the product and looks at the answer. */
export async function lookUp(client: Client<typeof products>): Promise<void> {
  const { price } = await client.get({ id: 'sencha-green-tea' });
  if (price !== 990) throw new Error(`The price was ${price}.`);
}
