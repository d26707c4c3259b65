export { launch, type LaunchOptions, type RunningService, type RunningSystem } from './launch.ts';
export { policiesOf, readRoutes, readSettings, type SettingsOptions } from './settings.ts';
export { type SystemDefinition, type SystemSpec, system } from './system.ts';
