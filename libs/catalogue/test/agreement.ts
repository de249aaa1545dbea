import type { AvroRecord } from '@soma/contracts';
import { wholeSchema } from '../src/core/whole-schema.js';
import { readTopics } from '../src/core/read-specs.js';
import type { SourceFile } from '../src/core/source.js';
import { catalogueAgreement } from '../src/core/compatibility/catalogue-agreement.js';
import type { TopicBefore } from '../src/core/compatibility/topic-agreement.js';
import type { Problem } from '../src/problem.js';
import { orders } from './orders.js';

const spec = 'infra-ops/orders.created.yaml';
const schema = 'infra-ops/orders.created.avsc';

/** Changes the texts of {@link orders}. */
export interface Change {
  readonly yaml?: (text: string) => string;
  readonly avsc?: (text: string) => string;
}

const same = (text: string): string => text;

/** The files of {@link orders} with a change. */
export const changedOrders = ({ yaml = same, avsc = same }: Change = {}): readonly SourceFile[] => [
  { path: spec, text: yaml(orders[spec]) },
  { path: schema, text: avsc(orders[schema]) },
];

/** What stood for the topics of the files; each schema in the versions that the changes make, oldest first. */
export const beforeOf = (...versions: readonly Change[]): ReadonlyMap<string, TopicBefore> => {
  const wholes = versions.map(({ avsc = same }) => wholeSchema(avsc(orders[schema]), []) as AvroRecord);
  return new Map(
    readTopics(changedOrders(versions.at(-1))).topics.map(({ spec: old }) => [
      old.topic,
      {
        spec: old,
        ...(old.schema && { level: old.schema.compatibility }),
        versions: wholes.map((whole, index) => ({ label: `version ${index + 1}`, schema: whole })),
      },
    ]),
  );
};

/** What a change of {@link orders} means after the versions, oldest first. */
export const agreementOf = (change: Change, ...versions: readonly Change[]): readonly Problem[] =>
  catalogueAgreement(changedOrders(change), beforeOf(...(versions.length > 0 ? versions : [{}])));
