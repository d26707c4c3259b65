/** What must be escaped in a header value, and in an item between commas. */
const UNSAFE = /[^\x21-\x7e]|[%,]/gu;
const MAX_LENGTH = 4_096;

/** Any text as a header value: what a header can't hold is percent-encoded as UTF-8. */
export function writeHeaderText(text: string): string {
  return text.isWellFormed() ? text.replaceAll(UNSAFE, escape) : writeHeaderText(text.toWellFormed());
}

export function writeHeaderList(items: readonly string[]): string {
  return items.map(writeHeaderText).join(',');
}

/** Reads what `writeHeaderText` wrote; undefined when absent, empty, too long or not decodable. */
export function readHeaderText(value: string | undefined): string | undefined {
  if (value === undefined || value === '' || value.length > MAX_LENGTH) return undefined;
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}

export function readHeaderList(value: string | undefined): string[] {
  if (value === undefined) return [];
  return value.split(',').flatMap((item) => readHeaderText(item.trim()) ?? []);
}

function escape(character: string): string {
  return character === ',' ? '%2C' : encodeURIComponent(character);
}
