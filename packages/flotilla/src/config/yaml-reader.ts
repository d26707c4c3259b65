import { isAlias, isMap, isScalar, isSeq, type ParsedNode, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import { isPoisonedKey } from '../kernel/index.ts';

export interface YamlProblem {
  readonly line: number;
  readonly message: string;
}

const MAX_DEPTH = 50;
const MAX_ALIASES = 100;
/** Of the finished data, aliases written out: a few hundred bytes of aliases must not become gigabytes. */
const MAX_VALUES = 100_000;

const CORE_TAGS = new Set(['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`));
const READING = Symbol('an anchor whose value is not complete yet');

/** Makes plain data of parsed YAML within bounds, and notes every problem instead of stopping at the first. */
export class YamlReader {
  readonly problems: YamlProblem[] = [];
  readonly #lineAt: (offset: number) => number;
  readonly #anchors = new Map<string, unknown>();
  #aliases = 0;
  #values = 0;

  constructor(lineAt: (offset: number) => number) {
    this.#lineAt = lineAt;
  }

  read(node: ParsedNode | null, depth = 0): unknown {
    if (node === null) return null;
    if (!this.#isWithinBounds(node, depth)) return undefined;
    if (isAlias(node)) return this.#alias(node as ParsedNode & { source: string }, depth);
    if (node.tag !== undefined && !CORE_TAGS.has(node.tag)) return this.#refuse(node, `The tag ${node.tag} is not allowed`);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, READING);
    const value = this.#content(node, depth);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, value);
    return value;
  }

  #content(node: ParsedNode, depth: number): unknown {
    if (isMap(node)) return this.#map(node as YAMLMap.Parsed, depth);
    if (isSeq(node)) return (node as YAMLSeq.Parsed).items.map((item) => this.read(item, depth + 1));
    return isScalar(node) ? this.#scalar(node as ParsedNode & Scalar) : undefined;
  }

  #map(map: YAMLMap.Parsed, depth: number): object {
    const object = Object.create(null) as Record<string, unknown>;
    for (const { key, value } of map.items) {
      const name = isScalar(key) ? String(key.value) : '';
      if (isPoisonedKey(name)) this.#refuse(key, `The key '${name}' is not allowed`);
      else if (name === '<<') this.#refuse(key, "Merge keys ('<<') are not part of YAML 1.2; write the keys out");
      else if (name in object) this.#refuse(key, `The key '${name}' is there twice`);
      else object[name] = this.read(value, depth + 1);
    }
    return object;
  }

  #scalar(node: ParsedNode & Scalar): unknown {
    const { value, source } = node;
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) && /^[-+]?\d+$/.test(source ?? '')) {
      return this.#refuse(node, `The number ${source} would lose digits; write it in quotes`);
    }
    return value;
  }

  #alias(node: ParsedNode & { source: string }, depth: number): unknown {
    this.#aliases += 1;
    if (this.#aliases > MAX_ALIASES) return this.#refuse(node, `There are more than ${MAX_ALIASES} aliases`);
    if (!this.#anchors.has(node.source)) return this.#refuse(node, `Nothing before is anchored as '&${node.source}'`);
    const value = this.#anchors.get(node.source);
    if (value === READING) return this.#refuse(node, `The alias '*${node.source}' stands inside what it stands for`);
    return this.#copy(value, node, depth);
  }

  /** Each alias gets its own copy, counted: what is shared looks small until somebody writes it out. */
  #copy(value: unknown, alias: ParsedNode, depth: number): unknown {
    if (!this.#isWithinBounds(alias, depth) || typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => this.#copy(item, alias, depth + 1));
    const copy = Object.create(null) as Record<string, unknown>;
    for (const [key, item] of Object.entries(value)) copy[key] = this.#copy(item, alias, depth + 1);
    return copy;
  }

  #isWithinBounds(node: ParsedNode, depth: number): boolean {
    this.#values += 1;
    if (depth > MAX_DEPTH) this.#refuse(node, `Things are nested more than ${MAX_DEPTH} deep`);
    else if (this.#values > MAX_VALUES) this.#refuse(node, `There are more than ${MAX_VALUES} values`);
    else return true;
    return false;
  }

  #refuse(node: ParsedNode, message: string): undefined {
    const line = this.#lineAt(node.range[0]);
    // One bomb would otherwise give a hundred thousand equal complaints.
    const isNew = this.problems.at(-1)?.message !== message || this.problems.at(-1)?.line !== line;
    if (isNew && this.problems.length < 100) this.problems.push({ line, message });
  }
}
