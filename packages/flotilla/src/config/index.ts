export { parseYaml, type Place, type YamlFile } from './yaml.ts';
