/** The one spelling that `MAX_LINES`, `max-lines` and `maxLines` share. */
export function looseSpelling(key: string): string {
  return key.toLowerCase().replaceAll(/[-_]/g, '');
}

/** The known key that a name means, whatever its case and separators; undefined when none does, or more than one. */
export function findKey(name: string, known: readonly string[]): string | undefined {
  if (known.includes(name)) return name;
  const matches = known.filter((key) => looseSpelling(key) === looseSpelling(name));
  return matches.length === 1 ? matches[0] : undefined;
}

/** A known key that the writer of an unknown one may have meant. */
export function similarKey(name: string, known: readonly string[]): string | undefined {
  const ranked = known.map((key) => ({ key, distance: distance(looseSpelling(name), looseSpelling(key)) }));
  return ranked.sort((left, right) => left.distance - right.distance).find((one) => one.distance <= 2)?.key;
}

/** Changes between two words: letters put in, left out or exchanged (Levenshtein), a swap of neighbours counting two. */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let index = 0; index < left.length; index += 1) {
    const next = [index + 1];
    for (let column = 1; column <= right.length; column += 1) {
      const exchange = row[column - 1]! + (right[column - 1] === left[index] ? 0 : 1);
      next.push(Math.min(exchange, row[column]! + 1, next[column - 1]! + 1));
    }
    row = next;
  }
  return row[right.length]!;
}
