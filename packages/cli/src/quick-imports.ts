import { lstatSync } from 'node:fs';
import { registerHooks } from 'node:module';

/** A file beside the importing one, by its whole name: nothing that would have to be searched for, decoded or cut off. */
const NAMED_FILE = /^\.\.?\/[\w./-]+\.[cm]?[jt]s$/;

/**
 * Finds imported files in half the time. For each import Node asks the file system anew, and looks through all folders above for
 * the `package.json` that says which format the file has. Here a file is looked at once, and the format that Node found is
 * remembered for all files of a folder. What is anything but a plain file, Node resolves as ever, and says what is wrong with it.
 */
export function quickenImports(): Disposable {
  const formats = new Map<string, string>();
  const files = new Map<string, string>();
  const formatOf = (href: string): string | undefined => {
    const known = files.get(href) ?? formats.get(folderAndExtension(href));
    if (known === undefined || (!files.has(href) && !isPlainFile(href))) return undefined;
    files.set(href, known);
    return known;
  };
  const hooks = registerHooks({
    resolve: (specifier, context, next) => {
      if (!NAMED_FILE.test(specifier) || !context.conditions.includes('import')) return next(specifier, context);
      const url = new URL(specifier, context.parentURL).href;
      const format = formatOf(url);
      if (format !== undefined) return { url, format, shortCircuit: true };
      const found = next(specifier, context);
      // Only for files that have no other address: so a folder is remembered as what it really is.
      if (found.url === url && found.format) formats.set(folderAndExtension(url), found.format);
      return found;
    },
  });
  return { [Symbol.dispose]: () => hooks.deregister() };
}

function folderAndExtension(href: string): string {
  return href.slice(0, href.lastIndexOf('/') + 1) + href.slice(href.lastIndexOf('.'));
}

/** A link would be loaded under its own name as well as under that of the file it leads to. */
function isPlainFile(href: string): boolean {
  return href.startsWith('file:') && lstatSync(new URL(href), { throwIfNoEntry: false })?.isFile() === true;
}
