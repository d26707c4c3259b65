/** Columns with their types, as in `id text, fence bigint`. */
type Columns = string;

/** SQL: rows called `i`, from one list for each column; the first parameter is `$from`. */
export function manyRows(columns: Columns, from = 1): string {
  const [names, types] = parse(columns);
  return `unnest(${types.map((type, index) => `$${from + index}::${type}[]`).join(', ')}) AS i (${names.join(', ')})`;
}

/** SQL: one row called `i`. The server knows that it is one, and keeps its plan. */
export function oneRow(columns: Columns): string {
  const [names, types] = parse(columns);
  return `(VALUES (${types.map((type, index) => `$${index + 1}::${type}`).join(', ')})) AS i (${names.join(', ')})`;
}

function parse(columns: Columns): [string[], string[]] {
  const pairs = columns.split(',').map((column) => column.trim().split(' ') as [string, string]);
  return [pairs.map(([name]) => name), pairs.map(([, type]) => type)];
}

/** The lists that `manyRows` takes. */
export function listsOf(rows: readonly (readonly unknown[])[]): unknown[][] {
  return rows[0]!.map((_, column) => rows.map((row) => row[column]));
}
