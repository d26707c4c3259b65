import {
  type CreateIndexNode,
  type DropIndexNode,
  IdentifierNode,
  type KyselyPlugin,
  OperationNodeTransformer,
  type PrimaryKeyConstraintNode,
  SchemableIdentifierNode,
  type TableNode,
  type UniqueConstraintNode,
} from 'kysely';

/** What a table, index or constraint of a read model is called in one of its builds. */
export function nameInBuild(name: string, build: number): string {
  return `${name}__${build}`;
}

/** Makes queries written with the plain names of a read model's tables mean those of one build. Text in `sql` is left alone. */
export function inBuild(build: number, tables: readonly string[]): KyselyPlugin {
  const renaming = new Renaming(build, new Set(tables));
  return {
    transformQuery: ({ node, queryId }) => renaming.transformNode(node, queryId),
    transformResult: async ({ result }) => result,
  };
}

class Renaming extends OperationNodeTransformer {
  readonly #build: number;
  readonly #tables: ReadonlySet<string>;

  constructor(build: number, tables: ReadonlySet<string>) {
    super();
    this.#build = build;
    this.#tables = tables;
  }

  protected override transformTable(node: TableNode): TableNode {
    const { name } = node.table.identifier;
    if (node.table.schema || !this.#tables.has(name)) return node;
    return { ...node, table: SchemableIdentifierNode.create(this.#named(name)) };
  }

  // Indexes and the constraints that make them share one space of names with all other builds.
  protected override transformCreateIndex(node: CreateIndexNode): CreateIndexNode {
    const renamed = super.transformCreateIndex(node);
    return { ...renamed, name: IdentifierNode.create(this.#named(node.name.name)) };
  }

  protected override transformDropIndex(node: DropIndexNode): DropIndexNode {
    return { ...super.transformDropIndex(node), name: SchemableIdentifierNode.create(this.#named(node.name.identifier.name)) };
  }

  protected override transformPrimaryKeyConstraint(node: PrimaryKeyConstraintNode): PrimaryKeyConstraintNode {
    const renamed = super.transformPrimaryKeyConstraint(node);
    return node.name ? { ...renamed, name: IdentifierNode.create(this.#named(node.name.name)) } : renamed;
  }

  protected override transformUniqueConstraint(node: UniqueConstraintNode): UniqueConstraintNode {
    const renamed = super.transformUniqueConstraint(node);
    return node.name ? { ...renamed, name: IdentifierNode.create(this.#named(node.name.name)) } : renamed;
  }

  #named(name: string): string {
    return nameInBuild(name, this.#build);
  }
}
