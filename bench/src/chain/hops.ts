import { type Contract, contract } from 'flotilla/contract';
import { type ServiceDefinition, service } from 'flotilla/service';
import * as z from 'zod';

/** Each service but the last asks the next one. */
export const LENGTH = 8;

const Pass = {
  input: z.object({ hops: z.int().min(1).max(LENGTH) }),
  /** Milliseconds that were left at each service, the first one first. */
  output: z.array(z.number()),
};
type Hop = Contract<string, { pass: typeof Pass }, Record<never, never>, Record<never, never>, Record<never, never>>;

function hopNumber(place: number): Hop {
  return contract(`hop${place}`, { version: '1.0.0', team: 'bench', queries: { pass: Pass } });
}

export const hops: readonly Hop[] = Array.from({ length: LENGTH }, (_, index) => hopNumber(index + 1));

export const hopServices: readonly ServiceDefinition[] = hops.map((hop, index) => {
  const next = hops[index + 1];
  if (!next) return service(hop, { handlers: { pass: (_asked, { timeLeft }) => [timeLeft()] } });
  return service(hop, {
    calls: { next },
    handlers: {
      pass: async ({ hops }, { calls, timeLeft }) => {
        const left = timeLeft();
        return hops === 1 ? [left] : [left, ...(await calls.next.pass({ hops: hops - 1 }))];
      },
    },
  });
});
