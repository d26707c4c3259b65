/** The parts of a lockfile's package entry that are used here. */
export interface Entry {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

export interface Lockfile {
  packages: Record<string, Entry>;
}

const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];

/**
 * Optional dependencies that the lockfile does not name. npm leaves out what its registry can't serve, and mirrors often carry
 * the binaries of one platform only; `npm ci` then refuses the lockfile everywhere.
 */
export function missingPlatforms({ packages }: Lockfile): Map<string, Entry> {
  const missing = new Map<string, Entry>();
  for (const parent of Object.values(packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      const key = `node_modules/${name}`;
      if (key in packages) continue;
      const dev = parent.dev === true ? { dev: true } : {};
      missing.set(key, { version, ...dev, optional: true, ...platformOf(name) });
    }
  }
  return missing;
}

/** Platform binaries carry their platform in their names: `@oxlint/binding-linux-x64-musl`. */
function platformOf(name: string): Pick<Entry, 'os' | 'cpu' | 'libc'> {
  const words = name.split(/[/-]/);
  const os = SYSTEMS.filter((system) => words.includes(system));
  const cpu = PROCESSORS.filter((processor) => words.includes(processor));
  if (os.length !== 1 || cpu.length !== 1) throw new Error(`Can't tell the platform of ${name}: add it to the lockfile by hand.`);
  const libc = words.some((word) => word.startsWith('musl'))
    ? ['musl']
    : words.some((word) => word.startsWith('gnu'))
      ? ['glibc']
      : [];
  return libc.length === 0 ? { os, cpu } : { os, cpu, libc };
}

/** The lockfile with them, in npm's order. Without checksums: npm adds those when it first meets the package. */
export function withPlatforms(lockfile: Lockfile): Lockfile {
  const all = [...Object.entries(lockfile.packages), ...missingPlatforms(lockfile)];
  return { ...lockfile, packages: Object.fromEntries(all.toSorted(([left], [right]) => left.localeCompare(right, 'en'))) };
}
