import {
  type AvroRecord,
  type CatalogueTopic,
  type RegisteredReference,
  registeredSchema,
  registeredType,
  referredNames,
  type SchemaRegistration,
} from '@soma/contracts';
import type { SpecReading } from './read-spec.js';

const registration = (
  written: AvroRecord,
  { references: { types }, spec }: SpecReading,
): SchemaRegistration => ({
  schema: JSON.stringify(registeredSchema(written)),
  direct: referredNames(written, types.keys()),
  references: [...types].map(([name, type]): RegisteredReference => ({
    name,
    subject: spec?.schema?.references?.find((one) => one.name === name)?.subject ?? name,
    schema: JSON.stringify(registeredType(type)),
    references: referredNames(type, types.keys()),
  })),
});

/** The topic of a spec that was read without an error; none if its form is wrong. */
export const catalogueTopic = (reading: SpecReading): readonly CatalogueTopic[] => {
  const { spec, annotated, written } = reading;
  if (!spec) return [];
  return [
    {
      spec,
      ...(annotated && { annotated, schema: registeredSchema(annotated) }),
      ...(written && { registration: registration(written, reading) }),
    },
  ];
};
