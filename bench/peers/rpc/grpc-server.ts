import { promisify } from 'node:util';
import { type sendUnaryData, Server, ServerCredentials, type ServerUnaryCall } from '@grpc/grpc-js';
import { Get, Product } from '../../src/product/contract.ts';
import { shelf } from '../../src/product/tea.ts';
import { loadProducts } from './grpc-products.ts';
import { listening } from '../../src/rpc/peer.ts';

const server = new Server();
server.addService(loadProducts().service, {
  Get: ({ request }: ServerUnaryCall<unknown, unknown>, answer: sendUnaryData<unknown>) =>
    answer(null, Product.parse(shelf.get(Get.parse(request).id))),
});
const bind = promisify(server.bindAsync.bind(server));
listening(await bind('127.0.0.1:0', ServerCredentials.createInsecure()));
