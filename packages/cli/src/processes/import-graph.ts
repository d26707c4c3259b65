import { registerHooks } from 'node:module';

/** Which module imports which, as Node itself resolved it while this was open. Types are no imports: they leave nothing to run. */
export interface ImportGraph extends Disposable {
  /** The module and everything below the folder that it imports, directly or through others. */
  reachable(module: string, folder: string): Set<string>;
}

/** Begins to take down imports. What was loaded before is not seen, nor what is loaded after disposing. */
export function recordImports(): ImportGraph {
  const imports = new Map<string, Set<string>>();
  const hooks = registerHooks({
    resolve: (specifier, context, next) => {
      const found = next(specifier, context);
      if (context.parentURL !== undefined) {
        const others = imports.get(context.parentURL);
        if (others) others.add(found.url);
        else imports.set(context.parentURL, new Set([found.url]));
      }
      return found;
    },
  });
  return {
    reachable: (module, folder) => {
      const found = new Set([module]);
      // A set goes on through what is added on the way.
      for (const one of found) {
        for (const other of imports.get(one) ?? []) if (isOwn(other, folder)) found.add(other);
      }
      return found;
    },
    [Symbol.dispose]: () => hooks.deregister(),
  };
}

function isOwn(url: string, folder: string): boolean {
  return url.startsWith(folder) && !url.includes('/node_modules/');
}
