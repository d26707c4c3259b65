import type { Runtime } from '../../kernel/index.ts';
import type { Registry } from '../registry.ts';
import type { Agent } from './agent.ts';
import type { Catalog } from './catalog.ts';
import type { Node } from './shapes.ts';

/** Everything that the answers are made of. */
export interface ConsulParts {
  readonly registry: Registry;
  readonly catalog: Catalog;
  readonly agent: Agent;
  readonly node: Node;
  readonly runtime: Runtime;
}

export interface ConsulRequest {
  readonly method: string;
  /** What follows `/v1/`, decoded, in segments. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Uint8Array | undefined;
  readonly signal: AbortSignal;
}
