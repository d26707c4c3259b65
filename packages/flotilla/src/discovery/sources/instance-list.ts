import { parseYaml } from '../../config/index.ts';
import { FlotillaError } from '../../kernel/index.ts';
import { type Instance, instanceProblems } from '../instance.ts';
import { writtenDown } from './static-source.ts';

const FIELDS: ReadonlySet<string> = new Set(['service', 'url', 'id', 'version', 'zone', 'weight', 'metadata']);

/**
 * Reads a list of instances, as YAML or JSON: `instances: [{ service: billing, url: http://10.0.0.7:8080 }]`, and for each, when
 * it matters, `id`, `version`, `zone`, `weight` and `metadata`. Throws `INVALID_INSTANCE_LIST` naming the lines of everything wrong.
 */
export function parseInstanceList(text: string, file: string): Instance[] {
  const { value, locate } = parseYaml(text, file);
  const list = value === null ? [] : (value as { instances?: unknown }).instances;
  if (!Array.isArray(list)) throw invalid([`${file}: write a list under 'instances'`]);
  const problems: string[] = [];
  const instances = list.flatMap((entry: unknown, index) => {
    const instance = instanceFrom(entry);
    const wrong = typeof instance === 'string' ? [instance] : instanceProblems(instance);
    problems.push(...wrong.map((problem) => `${file}:${locate(['instances', index]).line}: ${problem}`));
    return typeof instance === 'string' ? [] : [instance];
  });
  const ids = instances.map(({ id }) => id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  problems.push(...twice.map((id) => `${file}: '${id}' is listed twice`));
  if (problems.length > 0) throw invalid(problems);
  return instances;
}

/** The instance, or what is wrong with it. */
function instanceFrom(entry: unknown): Instance | string {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return 'an instance is a map with service and url';
  const unknown = Object.keys(entry).filter((key) => !FIELDS.has(key));
  if (unknown.length > 0) return `unknown: ${unknown.join(', ')}`;
  const { service, url, metadata = {}, weight = 1, ...texts } = entry as Record<string, unknown>;
  if (typeof service !== 'string' || typeof url !== 'string') return 'an instance needs the texts service and url';
  if (typeof weight !== 'number') return 'weight must be a number';
  if (Object.values(texts).some((text) => typeof text !== 'string')) return 'id, version and zone must be texts';
  if (typeof metadata !== 'object' || metadata === null || Object.values(metadata).some((text) => typeof text !== 'string')) {
    return 'metadata must be a map of texts';
  }
  // Looked at one by one above.
  const facts = { ...(texts as Partial<Instance>), metadata: metadata as Record<string, string>, weight };
  return writtenDown(service, url.replace(/\/$/, ''), facts);
}

function invalid(problems: readonly string[]): FlotillaError {
  const message = `The list of instances can't be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`;
  return new FlotillaError('INVALID_INSTANCE_LIST', { kind: 'invalid', message, details: { problems } });
}
