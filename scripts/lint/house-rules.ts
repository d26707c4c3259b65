import { relative } from 'node:path';
import { importProblem } from './imports.ts';

// The few node shapes and the part of the rule context that are used here (ESTree, ESLint's rule interface).
interface Literal {
  value?: unknown;
}
interface Node {
  source?: Literal | null;
  callee?: { type: string; name?: string };
  arguments?: readonly unknown[];
}
interface Context {
  readonly filename: string;
  readonly cwd: string;
  report(problem: { node: Node; message: string }): void;
}
type Rule = { create(context: Context): Record<string, (node: Node) => void> };

const imports: Rule = {
  create(context) {
    const file = relative(context.cwd, context.filename);
    const check = (node: Node): void => {
      if (typeof node.source?.value !== 'string') return;
      const problem = importProblem(file, node.source.value);
      if (problem !== undefined) context.report({ node, message: `'${node.source.value}': ${problem}.` });
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      TSImportType: check,
    };
  },
};

const noExportAll: Rule = {
  create: (context) => ({
    ExportAllDeclaration: (node) =>
      context.report({ node, message: 'List every export by name; `export *` hides what is public.' }),
  }),
};

const noAmbientDate: Rule = {
  create(context) {
    const check = (node: Node): void => {
      if (node.callee?.type !== 'Identifier' || node.callee.name !== 'Date' || node.arguments?.length !== 0) return;
      context.report({ node, message: 'Use `new Date(runtime.clock.now())`: the present comes from the injected clock.' });
    };
    return { NewExpression: check, CallExpression: check };
  },
};

/** The rules of this house that no ready-made rule expresses. */
export default {
  meta: { name: 'house' },
  rules: { imports, 'no-export-all': noExportAll, 'no-ambient-date': noAmbientDate },
};
