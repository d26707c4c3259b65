import type { Duration, ErrorKind } from '../kernel/index.ts';
import type { InputOf, OutputOf, Schema } from './schema.ts';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
/** A method and a path with `{parameters}` that are properties of the input: `'GET /products/{id}'`. */
export type HttpRoute = `${HttpMethod} /${string}`;

/** How an operation looks to plain HTTP clients. */
export interface HttpBinding {
  route: HttpRoute;
  /** Status of a good answer; 200 unless said, 204 when there is nothing to send. */
  status?: number;
  /** Path for the `Location` header, filled from the output: `'/orders/{orderId}'`. */
  location?: string;
}

/**
 * Who may call: `public` anybody, `signed-in` any authenticated user, `internal` only other services and operators (the
 * default), anything else is a scope such as `'inventory:write'` that the user must hold. Internal callers always may.
 */
export type Access = 'public' | 'signed-in' | 'internal' | (string & {});

/** A declared error: the schema of its details, and its kind (`conflict` unless said). */
export type ErrorSpec = Schema | { kind: ErrorKind; details: Schema };
export type ErrorSpecs = Record<string, ErrorSpec>;

export interface OperationSpec {
  input: Schema;
  output: Schema;
  /** Failures that are part of the promise. They come back to the caller typed; everything else stays opaque. */
  errors?: ErrorSpecs;
  http?: HttpRoute | HttpBinding;
  /** How long a caller waits for one attempt. */
  timeout?: Duration;
  access?: Access;
  /** One sentence for people who read the API. */
  summary?: string;
}

export interface QuerySpec extends OperationSpec {
  /** How long an answer may be reused. */
  cache?: Duration;
}

export type CommandSpec = OperationSpec;

/** What is told bit by bit, while it happens or because it is much: the reader gets items for as long as it reads. */
export interface StreamSpec extends Omit<OperationSpec, 'output' | 'http'> {
  item: Schema;
  /** Plain HTTP clients get server-sent events. */
  http?: `GET /${string}`;
  /** How long a reader waits for the next item; without it as long as it likes, for streams that may have nothing to tell. */
  timeout?: Duration;
}

/** A stream as an operation: its output is an item. */
export type StreamOperationSpec<TSpec extends StreamSpec> = TSpec & { output: TSpec['item'] };

export type OperationKind = 'query' | 'command' | 'stream';

/** A declared error as the runtime uses it. */
export interface DeclaredError {
  readonly kind: ErrorKind;
  readonly details: Schema;
}

/** One operation of a contract with its defaults filled in. */
export interface Operation<TSpec extends OperationSpec = OperationSpec, TKind extends OperationKind = OperationKind> {
  readonly kind: TKind;
  readonly service: string;
  readonly name: string;
  /** `service.name`, unique in a system. */
  readonly id: string;
  readonly input: TSpec['input'];
  readonly output: TSpec['output'];
  readonly errors: Readonly<Record<string, DeclaredError>>;
  readonly http: (HttpBinding & { readonly method: HttpMethod; readonly path: string }) | undefined;
  readonly timeoutMs: number | undefined;
  readonly cacheMs: number | undefined;
  readonly access: Access;
  readonly summary: string | undefined;
  /** Exists in the types only: carries the spec so that clients and handlers can be inferred. */
  readonly spec?: TSpec;
}

/** What a caller passes to an operation. */
export type OperationInput<TOperation extends Operation> = InputOf<TOperation['input']>;
/** What a caller receives from an operation. */
export type OperationOutput<TOperation extends Operation> = OutputOf<TOperation['output']>;

type DetailsOf<TSpec> = TSpec extends { details: infer TDetails extends Schema }
  ? TDetails
  : TSpec extends Schema
    ? TSpec
    : never;

/** The declared errors of a spec as a union of code and details. */
export type Failure<TSpec extends OperationSpec> = TSpec['errors'] extends infer TErrors extends ErrorSpecs
  ? { [TCode in keyof TErrors & string]: { code: TCode; details: OutputOf<DetailsOf<TErrors[TCode]>> } }[keyof TErrors & string]
  : never;

/** Ends a handler with one of the operation's declared errors; nothing it wrote is kept. */
export type Fail<TSpec extends OperationSpec> = TSpec['errors'] extends infer TErrors extends ErrorSpecs
  ? <TCode extends keyof TErrors & string>(code: TCode, details: InputOf<DetailsOf<TErrors[TCode]>>, message?: string) => never
  : (thisOperationDeclaresNoErrors: never) => never;
