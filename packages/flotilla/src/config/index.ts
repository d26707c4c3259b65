export { type Config, type ConfigOptions, loadConfig } from './config.ts';
export type { Explanation, SourcedValue } from './explain.ts';
export { configFiles } from './files.ts';
export { similarKey } from './key.ts';
export type { ConfigProblem, Source } from './setting.ts';
export { parseYaml, type Place, type YamlFile } from './yaml.ts';
