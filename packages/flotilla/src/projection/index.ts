export { type ProjectedEvent, type Projection, projection, type Projectors } from './definition.ts';
export { createProjector, type Projector, type ProjectorOptions } from './projector.ts';
