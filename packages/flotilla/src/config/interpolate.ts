const PLACEHOLDER = /\$?\$\{([^}]*)\}?/g;
const VARIABLE = /^([A-Za-z_][A-Za-z0-9_]*)(?::(.*))?$/s;

export type Interpolated = { text: string; isReplaced: boolean } | { problem: string };

/**
 * Fills in `${VAR}` and `${VAR:default}` from the environment; `$${` stands for a plain `${`. One pass: what was filled in is
 * not looked at again, so nothing in the environment can reach further.
 */
export function interpolate(text: string, env: Readonly<Record<string, string | undefined>>): Interpolated {
  let problem: string | undefined;
  let isReplaced = false;
  const filled = text.replaceAll(PLACEHOLDER, (whole, inside: string) => {
    if (whole.startsWith('$$')) return whole.slice(1);
    const [, name, fallback] = VARIABLE.exec(inside) ?? [];
    const value = name === undefined ? undefined : (env[name] ?? fallback);
    problem ??= problemWith(whole, name, value);
    isReplaced = true;
    return value ?? '';
  });
  return problem === undefined ? { text: filled, isReplaced } : { problem };
}

function problemWith(whole: string, name: string | undefined, value: string | undefined): string | undefined {
  if (!whole.endsWith('}') || name === undefined) return `'${whole}' is not a placeholder such as \${PORT} or \${PORT:8080}`;
  if (value !== undefined) return undefined;
  return `the environment variable ${name} is not set; set it, or write \${${name}:default}`;
}
