import type { Contract } from '../../contract/index.ts';
import { type Clock, leavable, linkSignal, type Runtime, untilLeft } from '../../kernel/index.ts';
import type { Call, CallHandler, CallMetadata, ItemsHandler } from '../call.ts';
import { withinDeadline } from '../deadline.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../http-message.ts';
import { noStream } from '../no-stream.ts';
import { EVENT_STREAM_HEADERS, eventStream } from './event-stream.ts';
import { createStreamTargets, createTargets, type Target } from './face-targets.ts';
import { createMetadataReader, type MetadataReaderOptions } from './headers.ts';
import { problemResponse } from './problem.ts';

export interface HttpFaceOptions {
  contract: Contract;
  call: CallHandler;
  /** Answers the streams of the contract. */
  subscribe?: ItemsHandler;
  systemKey: string;
  runtime: Runtime;
  /** For callers that set no limit; 15 s unless said. */
  defaultTimeoutMs?: number;
}

/**
 * A service as plain HTTP: every operation, also the system's own, at `POST /call/{operation}`, and the routes that its
 * contract binds. Every failure becomes a problem document; nothing rejects.
 */
export function createHttpFace(options: HttpFaceOptions): HttpHandler {
  const { contract, call, subscribe = noStream, runtime } = options;
  const find = createTargets(contract);
  const answer = answering(options);
  return (request, signal) =>
    answer(request, async (metadata) => {
      const target = find(request);
      const made = callOf(contract, target, { request, metadata });
      if (target.streams) return await openEvents(subscribe, { call: made, signal }, runtime.clock);
      return target.respond(await withinDeadline(runtime.clock, { call: made, signal }, (inner) => call(made, inner)));
    });
}

export type EventsFaceOptions = Omit<HttpFaceOptions, 'call'>;

/** Only the routes of a contract that are answered with items; undefined for every other request. */
export function createEventsFace(
  options: EventsFaceOptions,
): (...asked: Parameters<HttpHandler>) => ReturnType<HttpHandler> | undefined {
  const { contract, subscribe = noStream, runtime } = options;
  const find = createStreamTargets(contract);
  const answer = answering(options);
  return (request, signal) => {
    const target = find(request);
    if (!target) return undefined;
    return answer(request, (metadata) =>
      openEvents(subscribe, { call: callOf(contract, target, { request, metadata }), signal }, runtime.clock),
    );
  };
}

type Work = (metadata: CallMetadata) => Promise<HttpResponse>;

function answering(options: MetadataReaderOptions): (request: HttpRequest, work: Work) => Promise<HttpResponse> {
  const readMetadata = createMetadataReader(options);
  return async (request, work) => {
    let metadata: CallMetadata | undefined;
    try {
      metadata = readMetadata(request.headers);
      return await work(metadata);
    } catch (thrown) {
      const requestId = metadata?.correlationId ?? options.runtime.ids();
      return problemResponse(thrown, { instance: request.path, requestId });
    }
  };
}

interface Asked {
  readonly request: HttpRequest;
  readonly metadata: CallMetadata;
}

function callOf({ name }: Contract, { operation, readInput }: Target, { request, metadata }: Asked): Call {
  return { service: name, operation, input: readInput(request), metadata };
}

/** The time limit of a request is for the answer to begin: what comes then may have no end. */
async function openEvents(
  subscribe: ItemsHandler,
  { call, signal }: { call: Call; signal: AbortSignal },
  clock: Clock,
): Promise<HttpResponse> {
  const life = linkSignal(signal);
  const endless = { ...call, metadata: { ...call.metadata, remainingMs: Infinity } };
  try {
    const items = await withinDeadline(clock, { call, signal }, () => subscribe(endless, life.signal));
    const events = eventStream(untilLeft(items, life.signal), { clock, requestId: call.metadata.correlationId });
    return { status: 200, headers: EVENT_STREAM_HEADERS, body: undefined, parts: leavable(life, events) };
  } catch (thrown) {
    life.abort(thrown as Error);
    life[Symbol.dispose]();
    throw thrown;
  }
}
