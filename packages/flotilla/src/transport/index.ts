export type { Call, CallHandler, CallMetadata, Transport } from './call.ts';
export type { HttpHandler, HttpRequest, HttpResponse } from './http-message.ts';
