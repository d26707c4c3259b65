/** What a guide asks its reader to do. */
export interface Guide {
  /** Content of each file by its path: blocks whose first line is a comment that names a file. */
  readonly files: ReadonlyMap<string, string>;
  /** Commands in order, each with the JSON that the next block says it prints, if there is one. */
  readonly commands: readonly { readonly command: string; readonly prints: unknown }[];
}

interface Block {
  readonly language: string;
  readonly text: string;
}

/** Reads a guide's code blocks. */
export function readGuide(markdown: string): Guide {
  const blocks = Array.from(markdown.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm), ([, language, text]): Block => {
    return { language: language!, text: text! };
  });
  const files = blocks.flatMap(({ text }) => {
    const named = /^(?:\/\/|#) (\S+\.(?:ts|yaml|json))\n/.exec(text);
    return named ? [[named[1]!, text.slice(named[0].length)] as const] : [];
  });
  const commands = blocks.flatMap((block, index) => {
    if (block.language !== 'sh') return [];
    const next = blocks[index + 1];
    return [{ command: block.text.trim(), prints: next?.language === 'json' ? (JSON.parse(next.text) as unknown) : undefined }];
  });
  return { files: new Map(files), commands };
}

/** True when `actual` has everything that `expected` says; `…` stands for any text. */
export function says(expected: unknown, actual: unknown): boolean {
  if (expected === '…') return typeof actual === 'string';
  if (typeof expected !== 'object' || expected === null) return expected === actual;
  if (typeof actual !== 'object' || actual === null) return false;
  return Object.entries(expected).every(([key, value]) => says(value, (actual as Record<string, unknown>)[key]));
}
