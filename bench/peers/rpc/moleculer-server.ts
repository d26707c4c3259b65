import { freePort } from 'flotilla/testing';
import { ServiceBroker } from 'moleculer';
import { listening } from '../../src/rpc/peer.ts';
import { products } from '../moleculer-products.ts';

const port = await freePort();
const broker = new ServiceBroker({
  nodeID: 'products',
  logger: false,
  transporter: { type: 'TCP', options: { udpDiscovery: false, port } },
});
broker.createService(products);
await broker.start();
listening(port);
