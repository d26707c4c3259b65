import type { Instance } from '../instance.ts';
import type { CheckDefinition } from './definition.ts';

/** What Consul knows of a service and we have no field for is kept in the metadata under these keys. */
const TAGS = 'consul.tags';
const CHECKS = 'consul.checks';

export function packMeta(meta: Readonly<Record<string, string>>, tags: readonly string[], checks: readonly CheckDefinition[]) {
  return {
    ...meta,
    ...(tags.length === 0 ? {} : { [TAGS]: JSON.stringify(tags) }),
    ...(checks.length === 0 ? {} : { [CHECKS]: JSON.stringify(checks) }),
  };
}

export function tagsOf({ metadata }: Instance): string[] {
  // Only `packMeta` writes this key; whoever else does gets no tags.
  return listIn(metadata[TAGS]).filter((tag): tag is string => typeof tag === 'string');
}

export function checksOf({ metadata }: Instance): CheckDefinition[] {
  return listIn(metadata[CHECKS]).filter((check): check is CheckDefinition => typeof check === 'object' && check !== null);
}

export function metaOf({ metadata, version, zone }: Instance): Record<string, string> {
  const { [TAGS]: _tags, [CHECKS]: _checks, ...own } = metadata;
  return { version, ...(zone === undefined ? {} : { zone }), ...own };
}

function listIn(text: string | undefined): unknown[] {
  if (text === undefined) return [];
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}
