import { type JsonSchema, jsonSchemaOf, propertyNames, propertySchema, type Schema } from '../contract/index.ts';

/** What the schemas say about keys: it gives text its type and tells settings from spelling mistakes. */
export class Shape {
  readonly #root: JsonSchema | undefined;
  readonly #sections: readonly { path: readonly string[]; schema: JsonSchema | undefined }[];

  constructor(root: Schema | undefined, sections: Readonly<Record<string, Schema>>) {
    this.#root = root && jsonSchemaOf(root);
    this.#sections = Object.entries(sections).map(([key, schema]) => ({ path: key.split('.'), schema: jsonSchemaOf(schema) }));
  }

  /** The schema of the value at a path; undefined where nothing is declared. */
  schemaAt(path: readonly string[]): JsonSchema | undefined {
    const section = this.#sections.findLast((candidate) => startsWith(path, candidate.path));
    const rest = section ? path.slice(section.path.length) : path;
    return rest.reduce(propertySchema, section ? section.schema : this.#root);
  }

  /** The keys an object at a path may have, or undefined when it may have any. */
  namesAt(path: readonly string[]): string[] | undefined {
    const declared = propertyNames(this.schemaAt(path));
    return declared && [...declared, ...this.#sectionNames(path)];
  }

  /** Every key that is known to exist below a path, whether or not others may. */
  knownAt(path: readonly string[]): string[] {
    return this.namesAt(path) ?? this.#sectionNames(path);
  }

  #sectionNames(path: readonly string[]): string[] {
    const below = this.#sections.filter((section) => section.path.length > path.length && startsWith(section.path, path));
    return [...new Set(below.map((section) => section.path[path.length]!))];
  }
}

function startsWith(path: readonly string[], start: readonly string[]): boolean {
  return start.every((segment, index) => path[index] === segment);
}
