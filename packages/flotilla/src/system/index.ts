export {
  type BusParts,
  type ChooseInfrastructure,
  type DataPlace,
  embedded,
  type Infrastructure,
  type Site,
} from './infrastructure.ts';
export { infrastructureSchema, type InfrastructureSettings } from './infrastructure-settings.ts';
export { launch, type LaunchOptions, type RunningService, type RunningSystem } from './launch.ts';
export { policiesOf, readRoutes, readSettings, type SettingsOptions } from './settings.ts';
export { calledBy, type SystemDefinition, type SystemSpec, system } from './system.ts';
