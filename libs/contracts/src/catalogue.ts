import type { AvroRecord } from './avro.js';
import { applyOverlay, type Overlay } from './overlay.js';
import type { TopicSpec } from './topic-spec.js';

/** A topic of the catalogue with the schema of its values, if it has one. */
export interface CatalogueTopic {
  readonly spec: TopicSpec;
  /** What is registered and what readers are compiled against. */
  readonly schema?: AvroRecord;
  /** The schema as its owner wrote it, with `examples`: for documents and generated events. */
  readonly annotated?: AvroRecord;
}

/** All that `schemas/` declares, checked. */
export interface Catalogue {
  /** By topic name. */
  readonly topics: readonly CatalogueTopic[];
  /** By environment name. */
  readonly overlays: Readonly<Record<string, Overlay>>;
}

/** The specs as an environment has them; undefined if the catalogue has no overlay of that name. */
export const environmentSpecs = (
  { topics, overlays }: Catalogue,
  environment: string,
): readonly TopicSpec[] | undefined => {
  const overlay = Object.hasOwn(overlays, environment) ? overlays[environment] : undefined;
  return (
    overlay &&
    applyOverlay(
      topics.map(({ spec }) => spec),
      overlay,
    )
  );
};
