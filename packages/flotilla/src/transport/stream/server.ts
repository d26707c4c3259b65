import type { Socket } from 'node:net';
import { FlotillaError, type Runtime } from '../../kernel/index.ts';
import type { Logger } from '../../telemetry/index.ts';
import type { CallHandler, ItemsHandler } from '../call.ts';
import { createKeyCheck } from '../http/headers.ts';
import type { Upgrade } from '../http/upgrade.ts';
import { stopping } from '../unavailable.ts';
import { agreeingAnswer, readAsking, STREAM_PATH } from './handshake.ts';
import { defaultStreamLimits, type StreamLimits } from './limits.ts';
import { isProtocolError } from './protocol-error.ts';
import { ServerConnection } from './server-connection.ts';
import { PROTOCOL } from './version.ts';

export interface StreamServerOptions {
  /** The services that run here. */
  call: (service: string) => CallHandler | undefined;
  /** What answers calls with items; nothing unless said. */
  subscribe?: (service: string) => ItemsHandler | undefined;
  systemKey: string;
  limits?: Partial<StreamLimits>;
  runtime: Runtime;
  log: Logger;
}

/** Answers calls that come over stream connections. Give it to a listener as its `upgrade`; draining that drains this. */
export function createStreamServer(options: StreamServerOptions): Upgrade {
  const { call, subscribe = () => undefined, systemKey, runtime, log } = options;
  const limits = { ...defaultStreamLimits, ...options.limits };
  const knowsKey = createKeyCheck(systemKey);
  const connections = new Set<ServerConnection>();
  let draining = false;

  const closed = (connection: ServerConnection, reason: Error): void => {
    connections.delete(connection);
    if (isProtocolError(reason)) log.warn({ err: reason }, 'A stream connection was closed for what came over it.');
    else log.debug({ reason: reason.message }, 'A stream connection closed.');
  };
  return {
    protocol: PROTOCOL,
    accept({ path, headers }, socket: Socket, head) {
      if (path !== STREAM_PATH) throw refused(`Stream connections are made at ${STREAM_PATH}.`);
      if (!knowsKey(headers['x-internal-key'] ?? '')) throw keyUnknown();
      if (draining) throw stopping();
      const agreement = readAsking(headers);
      socket.write(agreeingAnswer(agreement, limits.inputBytes));
      const connection = new ServerConnection(socket, {
        call,
        subscribe,
        limits,
        maxAnswerBytes: agreement.maxBodyBytes,
        version: agreement.version,
        runtime,
        closed,
      });
      connections.add(connection);
      connection.start(head);
    },
    drain() {
      draining = true;
      for (const connection of connections) connection.drain(stopping());
    },
  };
}

function refused(message: string): FlotillaError {
  return new FlotillaError('UPGRADE_REFUSED', { kind: 'invalid', message });
}

function keyUnknown(): FlotillaError {
  const message = 'Stream connections are for parts of one system. This one did not show its key.';
  return new FlotillaError('UNAUTHENTICATED', { kind: 'unauthenticated', message });
}
