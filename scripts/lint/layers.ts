/** Capabilities of the library from the keel up. One may import from the rows above its own, and nothing else. */
export const LAYERS: readonly (readonly string[])[] = [
  ['kernel'],
  ['contract'],
  ['config', 'telemetry'],
  ['resilience', 'security', 'store'],
  ['log', 'transport'],
  ['messaging', 'discovery', 'projection'],
  ['client'],
  ['saga'],
  ['service'],
  ['gateway'],
  ['system'],
];

/** Imports all, imported by nobody but tests. */
export const TESTING = 'testing';

/** Why a capability may not import another, or undefined when it may. */
export function layerProblem(from: string, to: string): string | undefined {
  if (from === TESTING || from === to) return undefined;
  if (to === TESTING) return `'testing' is for tests only`;
  const [lower, upper] = [layerOf(to), layerOf(from)];
  if (lower === -1) return `'${to}' has no place in the layer order; give it one in scripts/lint/layers.ts`;
  if (upper === -1) return `'${from}' has no place in the layer order; give it one in scripts/lint/layers.ts`;
  if (lower < upper) return undefined;
  return `'${from}' may not know '${to}': imports go down the layers only (docs/architecture.md)`;
}

function layerOf(capability: string): number {
  return LAYERS.findIndex((layer) => layer.includes(capability));
}
