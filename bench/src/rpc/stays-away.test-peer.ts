import type { RpcPeer } from './peer.ts';

/** A peer whose server ends at once. */
export const peer: RpcPeer = {
  server: 'system-key.ts',
  connect: () => Promise.reject(new Error('There is nobody to connect to.')),
};
