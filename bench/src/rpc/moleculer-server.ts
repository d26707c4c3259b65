import { ServiceBroker } from 'moleculer';
import { Product } from '../product/contract.ts';
import { shelf } from '../product/tea.ts';
import { freePort } from './free-port.ts';
import { listening } from './peer.ts';

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
