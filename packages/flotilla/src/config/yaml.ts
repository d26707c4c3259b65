import { isAlias, isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument, type ParsedNode } from 'yaml';
import { FlotillaError } from '../kernel/index.ts';
import { YamlReader, type YamlProblem } from './yaml-reader.ts';

/** Where something stands in a file. */
export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

export interface YamlFile {
  /** Plain data; objects have no prototype. Null for an empty file. */
  readonly value: unknown;
  /** Where the value at a path stands; for one that isn't there, the nearest thing around it. */
  locate(path: readonly (string | number)[]): Place;
}

const MAX_BYTES = 1024 * 1024;
const MAX_PROBLEMS = 20;

/**
 * Reads YAML 1.2 (core schema) that people write by hand: one document, unique text keys, no custom tags, and bounds on size,
 * depth and aliases. Throws `INVALID_YAML` whose message and `details.problems` name `file:line` of everything wrong.
 */
export function parseYaml(text: string, file: string): YamlFile {
  if (Buffer.byteLength(text) > MAX_BYTES) throw invalidYaml(file, [{ line: 1, message: 'The file is larger than 1 MiB' }]);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    stringKeys: true,
    // The parser compares every key with every other; the reader does it in one pass.
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
  });
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  const { version, explicit } = document.directives.yaml;
  if (explicit && version !== '1.2') throw invalidYaml(file, [{ line: 1, message: `Write YAML 1.2, not ${version}` }]);
  refuse(
    file,
    [...document.errors, ...document.warnings].map(({ pos, message }) => ({ line: lineAt(pos[0]), message })),
  );
  const root = document.contents as ParsedNode | null;
  const reader = new YamlReader(lineAt);
  const value = reader.read(root);
  refuse(file, reader.problems);
  return { value, locate: (path) => ({ file, line: root ? lineAt(offsetOf(root, path)) : 1 }) };
}

function offsetOf(root: ParsedNode, path: readonly (string | number)[]): number {
  let node: ParsedNode | null = root;
  let offset = root.range[0];
  for (const segment of path) {
    if (isMap(node)) {
      const pair: Pair<ParsedNode, ParsedNode | null> | undefined = node.items.find(({ key }) => keyOf(key) === String(segment));
      if (!pair) return offset;
      offset = pair.key.range[0];
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(segment)] as ParsedNode | undefined;
      if (!item) return offset;
      offset = item.range[0];
      node = item;
    } else {
      // What an alias stands for is written elsewhere, but the reader of a message looks for the alias.
      return offset;
    }
  }
  return offset;
}

function keyOf(key: ParsedNode): string | undefined {
  return isScalar(key) && !isAlias(key) ? String(key.value) : undefined;
}

function refuse(file: string, problems: readonly YamlProblem[]): void {
  if (problems.length > 0) throw invalidYaml(file, problems);
}

function invalidYaml(file: string, problems: readonly YamlProblem[]): FlotillaError {
  const shown = problems.slice(0, MAX_PROBLEMS).map(({ line, message }) => ({ file, line, message: message.split('\n')[0]! }));
  return new FlotillaError('INVALID_YAML', {
    kind: 'invalid',
    message: shown.map(({ line, message }) => `${file}:${line}: ${message}.`).join('\n'),
    details: { problems: shown },
  });
}
