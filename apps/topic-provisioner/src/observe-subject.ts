import type { CompatibilityLevel } from '@soma/contracts';
import { RegistryRefusal, type SchemaRegistry, WholeSchemas, type WholeSchema } from '@soma/kafka';
import { isCompatible, versionsToCheck } from './core/compatibility.js';
import { isComparable, wholeText } from './core/references.js';
import type { ActualSubject, RefersTo, Scope } from './core/types.js';
import { RegisteredTypes, registeredVersion } from './registered-types.js';

type Wanted = Scope['subjects'][number] & { readonly schema: string };

/** What stands under subjects, as one look at the registry sees it: types that several refer to are asked for once. */
export class SubjectLook {
  readonly #types: RegisteredTypes;
  readonly #schemas: WholeSchemas;

  constructor(private readonly registry: SchemaRegistry) {
    this.#types = new RegisteredTypes(registry);
    this.#schemas = new WholeSchemas(registry);
  }

  async observe(scope: Scope['subjects'][number]): Promise<ActualSubject> {
    const { subject, schema } = scope;
    const [versions, own] = await Promise.all([
      this.registry.versions(subject),
      this.registry.level(subject),
    ]);
    const state = { ...(own && { level: own }), versions };
    if (schema === undefined || versions.length === 0)
      return { ...state, registered: false, incompatibleWith: [] };
    const wanted = { ...scope, schema };
    if (await this.#isRegistered(wanted)) return { ...state, registered: true, incompatibleWith: [] };
    return { ...state, registered: false, ...(await this.#judge(wanted, versions)) };
  }

  /** Also where it stands with its types written out: to readers that is the same. */
  async #isRegistered({ subject, schema, refersTo }: Wanted): Promise<boolean> {
    const references = await this.#types.find(refersTo);
    if (references && (await registeredVersion(this.registry, subject, schema, references))) return true;
    if (!refersTo) return false;
    return (await registeredVersion(this.registry, subject, wholeText(schema, refersTo))) !== undefined;
  }

  async #judge(
    { subject, schema, refersTo, level }: Wanted,
    versions: readonly number[],
  ): Promise<Omit<ActualSubject, 'level' | 'versions' | 'registered'>> {
    const { registry } = this;
    const whole = wholeText(schema, refersTo);
    const inForce = (await registry.levelInForce(subject)) ?? level;
    const olders = new Map<number, WholeSchema>();
    const older = async (version: number): Promise<WholeSchema | undefined> => {
      const found = await this.#schemas.version(subject, version);
      if (found) olders.set(version, found);
      return found;
    };
    /** Undefined where the registry cannot say: it takes no schema with references for this question. */
    const asked = async (version: number): Promise<boolean | undefined> => {
      if (refersTo) return undefined;
      try {
        return await registry.compatible(subject, version, schema);
      } catch (error) {
        const isQuestion = error instanceof RegistryRefusal && error.status === 422;
        if (isQuestion && (await older(version))?.references?.length) return undefined;
        throw error;
      }
    };
    const refused = async (under: CompatibilityLevel): Promise<number[]> => {
      const checked = versionsToCheck(under, versions);
      const answers = await Promise.all(
        checked.map(async (version) => {
          // The registry judges by the level that is in force; for another one the versions are compared here.
          const answer = under === inForce ? await asked(version) : undefined;
          if (answer !== undefined) return answer;
          const found = await older(version);
          // What cannot be read any more is no reason to let a schema through.
          return found !== undefined && isCompatible(under, whole, found.whole);
        }),
      );
      return checked.filter((_, index) => !answers[index]);
    };
    const refusedNow = inForce !== level && (await refused(inForce)).length > 0;
    const incompatibleWith = await refused(level);
    // Apicurio keeps no NONE of a subject's own: what is in force then goes on judging.
    const judging = versionsToCheck(level === 'NONE' ? inForce : level, versions).flatMap(
      (version) => olders.get(version) ?? [],
    );
    return {
      incompatibleWith,
      ...(refusedNow && { refusedUnder: inForce }),
      ...formFor(judging, whole, refersTo),
    };
  }
}

/** Whether the registry can compare the schema as it is, only as a whole, or not at all. */
const formFor = (
  judging: readonly WholeSchema[],
  whole: string,
  refersTo: RefersTo | undefined,
): Pick<ActualSubject, 'whole' | 'incomparableWith'> => {
  const apart = judging.filter((one) => !isComparable(one, refersTo));
  if (apart.length === 0) return {};
  if (refersTo && judging.every((one) => isComparable(one, undefined))) return { whole };
  return { incomparableWith: apart.map(({ version }) => version) };
};
