const SPECIAL = /["\\]/;
// oxlint-disable-next-line no-control-regex -- these are what JSON writes in another way than PostgreSQL.
const CONTROL = /[\u0000-\u001f]/;

export type Scalar = string | number | boolean | null | undefined;

/**
 * A list as PostgreSQL reads it. The library's own way treats every item as something it has never seen; where hundreds of writes
 * share one statement that would be a good part of what they cost.
 */
export function arrayText(items: readonly Scalar[]): string {
  let text = '{';
  for (const [index, item] of items.entries()) {
    if (index > 0) text += ',';
    if (item === null || item === undefined) text += 'NULL';
    else text += typeof item === 'string' ? quoted(item) : String(item);
  }
  return `${text}}`;
}

/** JSON escapes quotes and backslashes as PostgreSQL does, and natively; it differs in what hardly any text has. */
function quoted(item: string): string {
  if (!SPECIAL.test(item)) return `"${item}"`;
  if (CONTROL.test(item) || !item.isWellFormed()) return `"${item.replace(/["\\]/g, String.raw`\$&`)}"`;
  return JSON.stringify(item);
}
