import { join } from 'node:path';
import { loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** What both sides make of `product.proto`. */
export function loadProducts(): ServiceClientConstructor {
  const { Products } = loadPackageDefinition(loadSync(join(import.meta.dirname, 'product.proto')));
  // The file declares exactly this one service.
  return Products as ServiceClientConstructor;
}
