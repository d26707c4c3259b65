export type ExportKind = 'value' | 'type';

const STATEMENT = /export\s+(type\s+)?\{([^}]*)\}\s+from\s+'[^']+';/g;
const COMMENT = /\/\*[\s\S]*?\*\/|\/\/.*$/gm;

/**
 * Reads the names and kinds that an `index.ts` exports. Such a file holds `export { … } from '…'` lists and nothing else;
 * throws for anything it can't read, because what is not listed can't be reviewed.
 */
export function exportList(source: string): Record<string, ExportKind> {
  const code = source.replaceAll(COMMENT, '');
  const rest = code.replaceAll(STATEMENT, '').trim();
  if (rest !== '') throw new Error(`expected only lists such as \`export { name } from './file.ts';\`, found: ${rest}`);
  const found = Array.from(code.matchAll(STATEMENT)).flatMap(([, allTypes, names]) =>
    names!
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
      .map((name): [string, ExportKind] => one(name, allTypes !== undefined)),
  );
  return Object.fromEntries(found.toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

function one(item: string, isType: boolean): [string, ExportKind] {
  const name = item.replace(/^type\s+/, '');
  const kind = isType || name !== item ? 'type' : 'value';
  return [name.replace(/^.*\sas\s+/, ''), kind];
}
