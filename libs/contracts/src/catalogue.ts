import type { AvroRecord } from './avro.js';
import { applyOverlay, type Overlay } from './overlay.js';
import type { TopicSpec } from './topic-spec.js';

/** A topic of the catalogue with the schema of its values, if it has one. */
export interface CatalogueTopic {
  readonly spec: TopicSpec;
  /** What readers are compiled against: the whole schema, the types that it refers to written out. */
  readonly schema?: AvroRecord;
  /** The same with the `examples` of its owner: for documents and generated events. */
  readonly annotated?: AvroRecord;
  /** What is registered where that is not simply `schema`: {@link registrationOf} gives it for every topic. */
  readonly registration?: SchemaRegistration;
}

/** A type that a registered schema refers to, as it is registered itself. */
export interface RegisteredReference {
  /** Full name, by which schemas refer to it. */
  readonly name: string;
  readonly subject: string;
  /** The text that is registered. */
  readonly schema: string;
  /** Names of the types that it refers to; they come before it. */
  readonly references: readonly string[];
}

/** The text under which a topic's schema is registered, and the types that it refers to. */
export interface SchemaRegistration {
  readonly schema: string;
  /** In the order in which they can be registered: each comes after those it refers to. */
  readonly references: readonly RegisteredReference[];
  /** Names of those that the schema itself refers to. */
  readonly direct: readonly string[];
}

/** What is registered for a topic; undefined for one without a schema. */
export const registrationOf = ({
  schema,
  registration,
}: Pick<CatalogueTopic, 'schema' | 'registration'>): SchemaRegistration | undefined =>
  registration ?? (schema && { schema: JSON.stringify(schema), references: [], direct: [] });

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
