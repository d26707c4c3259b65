import { join } from 'node:path';

const PEERS = join(import.meta.dirname, '../../peers/rpc');

/** Everybody by the name in the figures, with the module that describes it. */
export const ours = ['flotilla', join(import.meta.dirname, 'flotilla.ts')] as const;
export const peers = [
  ['nestjs tcp', join(PEERS, 'nest.ts')],
  ['moleculer tcp', join(PEERS, 'moleculer.ts')],
  ['grpc-js', join(PEERS, 'grpc.ts')],
  ['fastify + undici', join(PEERS, 'fastify.ts')],
] as const;
