import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';

/** Gives each file a mark that changes with its contents, by its path from the folder. */
export type FileMarks = (files: readonly string[]) => Promise<Record<string, string>>;

/** Contents decide, not times: saving a file unchanged changes nothing. Each file is read once, for all that ask. */
export function createFileMarks(folder: string): FileMarks {
  const known = new Map<string, Promise<string>>();
  const mark = async (file: string): Promise<string> =>
    createHash('sha256')
      .update(await readFile(file))
      .digest('base64');
  return async (files) => {
    const marks = files.map(async (file) => {
      const found = known.get(file) ?? mark(file);
      known.set(file, found);
      return [relative(folder, file), await found] as const;
    });
    return Object.fromEntries(await Promise.all(marks));
  };
}
