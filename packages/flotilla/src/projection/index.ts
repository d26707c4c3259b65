export type { BuildState } from './build-states.ts';
export {
  type BatchProjectionSpec,
  type Projection,
  projection,
  type ProjectionSpec,
  type ProjectionUnit,
  type Projectors,
  type TargetProjectionSpec,
} from './definition.ts';
export { withInlineProjections, type InlineOptions } from './inline.ts';
export { prepareProjections, type PrepareOptions } from './prepare.ts';
export { createReadModels, type ReadModels, type ReadModelsOptions } from './read-models.ts';
export { type ReadTables, tables } from './read-tables.ts';
export type { ProjectionTarget, TargetMove } from './target.ts';
