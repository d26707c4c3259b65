import { isFlotillaError, refusePoisonedKeys } from '../kernel/index.ts';
import { isObject, type Layer, type Origin, type Setting } from './setting.ts';

/** Takes a value apart into settings. Keys that could reach a prototype are refused, whatever the source. */
export function flatten(value: unknown, path: readonly string[], originOf: (path: readonly string[]) => Origin): Layer {
  try {
    refusePoisonedKeys(value, path.join('.'));
  } catch (error) {
    if (!isFlotillaError(error)) throw error;
    return { settings: [], problems: [{ key: path.join('.'), where: originOf(path).where, message: error.message }] };
  }
  return { settings: settingsIn(value, path, originOf), problems: [] };
}

function settingsIn(value: unknown, path: readonly string[], originOf: (path: readonly string[]) => Origin): Setting[] {
  if (isObject(value) && Object.keys(value).length > 0) {
    return Object.entries(value).flatMap(([key, item]) => settingsIn(item, [...path, key], originOf));
  }
  return path.length === 0 || value === undefined ? [] : [{ path, value, origin: originOf(path) }];
}
