export { type ProjectedEvent, type Projection, projection, type Projectors } from './definition.ts';
