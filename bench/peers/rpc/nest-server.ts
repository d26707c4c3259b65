import 'reflect-metadata';
import { freePort } from 'flotilla/testing';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload, Transport } from '@nestjs/microservices';
import { Get, Product } from '../../src/product/contract.ts';
import { shelf } from '../../src/product/tea.ts';
import { listening } from '../../src/rpc/peer.ts';

class Products {
  get(input: unknown): unknown {
    return Product.parse(shelf.get(Get.parse(input).id));
  }
}
class App {}

// Decorators by hand, because Node runs this file as it is.
Controller()(Products);
MessagePattern('products.get')(Products.prototype, 'get', Object.getOwnPropertyDescriptor(Products.prototype, 'get')!);
Payload()(Products.prototype, 'get', 0);
Module({ controllers: [Products] })(App);

const port = await freePort();
const app = await NestFactory.createMicroservice(App, {
  transport: Transport.TCP,
  options: { host: '127.0.0.1', port },
  logger: false,
});
await app.listen();
listening(port);
