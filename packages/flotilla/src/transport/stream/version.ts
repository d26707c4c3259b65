/** The protocol as this code speaks it, see `docs/protocol.md`. */
export const PROTOCOL = 'flotilla';
export const VERSION = '1.1';

const PATTERN = /^(\d{1,4})\.(\d{1,4})$/;

/**
 * The version that both sides speak: of the same major version the lower minor one. Undefined when there is none, or when
 * `theirs` is not a version.
 */
export function commonVersion(theirs: string | undefined, ours: string = VERSION): string | undefined {
  const their = PATTERN.exec(theirs ?? '');
  const our = PATTERN.exec(ours)!;
  if (their?.[1] !== our[1]) return undefined;
  return `${our[1]}.${Math.min(Number(their![2]), Number(our[2]))}`;
}

/** True when a connection of this version has what a minor version of the protocol added. */
export function hasMinor(version: string, minor: number): boolean {
  return Number(PATTERN.exec(version)?.[2]) >= minor;
}
