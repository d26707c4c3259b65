export { type NatsServer, type NatsServerOptions, startNats } from './nats-server.ts';
export { type NatsPlace, openNats, withoutNats, withoutNatsServer } from './places.ts';
