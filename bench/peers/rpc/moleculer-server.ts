import { freePort } from 'flotilla/testing';
import { ServiceBroker } from 'moleculer';
import { Product } from '../../src/product/contract.ts';
import { shelf } from '../../src/product/tea.ts';
import { listening } from '../../src/rpc/peer.ts';

const port = await freePort();
const broker = new ServiceBroker({
  nodeID: 'products',
  logger: false,
  transporter: { type: 'TCP', options: { udpDiscovery: false, port } },
});
broker.createService({
  name: 'products',
  actions: {
    get: {
      params: { id: { type: 'string', min: 1, max: 64 } },
      handler: ({ params }: { params: { id: string } }) => Product.parse(shelf.get(params.id)),
    },
  },
});
await broker.start();
listening(port);
