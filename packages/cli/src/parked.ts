import type { ParkedMessage } from 'flotilla/store';
import type { Remote } from './remote.ts';

export type Parked = ParkedMessage & { readonly service: string };

/** The messages that the services set aside, the oldest first. */
export async function parkedMessages(remote: Remote): Promise<Parked[]> {
  const found = await Promise.all(
    remote.services.map(async (service) => {
      const answer = await remote.call({ service, operation: '$parked' }, {});
      // System operations keep the shapes of the store's port.
      return (answer as { messages: ParkedMessage[] }).messages.map((message) => ({ service, ...message }));
    }),
  );
  return found.flat().sort((left, right) => left.at - right.at);
}
