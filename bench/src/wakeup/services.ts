import { contract } from 'flotilla/contract';
import { service, type ServiceDefinition } from 'flotilla/service';
import * as z from 'zod';

export const bell = contract('bell', {
  version: '1.0.0',
  team: 'bench',
  commands: { ring: { input: z.object({ number: z.int() }), output: z.void() } },
  events: { Rang: { version: 1, schema: z.object({ number: z.int() }) } },
});

const ear = contract('ear', { version: '1.0.0', team: 'bench' });

export const bellService: ServiceDefinition = service(bell, {
  handlers: { ring: ({ number }, { emit }) => emit('Rang', { number }) },
});

/** A service that tells when its handler begins. */
export function earService(heard: (number: number) => void): ServiceDefinition {
  return service(ear, { handlers: {} }).on(bell.events.Rang, ({ data }) => heard(data.number));
}
