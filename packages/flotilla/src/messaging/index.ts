export type { Bus, Deliver } from './bus.ts';
export type { EventMessage } from './event-message.ts';
export type { ReceivedEvent, Subscription } from './subscription.ts';
