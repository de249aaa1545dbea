import { type CatalogueTopic, namedTypes } from '@soma/contracts';

/** Names of the TypeScript types of one topic, by the full names of the Avro types. */
export type TypeNames = ReadonlyMap<string, string>;

const simple = (fullName: string): string => fullName.slice(fullName.lastIndexOf('.') + 1);

const pascal = (topic: string): string =>
  topic.replaceAll(/(?:^|[._-]+)([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase());

const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** The Avro name where no other topic has it, otherwise the topic before it: `SlmRequest`, `OrdersCreatedStatus`. */
export const typeNames = (topics: readonly CatalogueTopic[]): ReadonlyMap<string, TypeNames> => {
  const fullNames = new Map(
    topics.map(({ spec, schema }) => [spec.topic, schema ? [...namedTypes(schema).keys()] : []]),
  );
  const uses = Map.groupBy([...fullNames.values()].flat(), (name) => capitalised(simple(name)));
  return new Map(
    [...fullNames].map(([topic, names]) => [
      topic,
      new Map(
        names.map((name) => {
          const short = capitalised(simple(name));
          return [name, uses.get(short)?.length === 1 ? short : `${pascal(topic)}${short}`];
        }),
      ),
    ]),
  );
};
