export { type Addresses, staticPeers } from './static-peers.ts';
