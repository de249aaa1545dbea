import type { SchemaRegistry } from '@soma/kafka';
import { waitFor } from '@soma/testing';

/** Deletes subjects for good: a type can go once nothing refers to it any more, so what uses it goes in an earlier round. */
export const removeSubjects = (
  registry: SchemaRegistry,
  mine: (subject: string) => boolean,
): Promise<boolean> =>
  waitFor(async () => {
    const refused = (await registry.subjects()).filter(mine).map((one) =>
      registry.deleteSubject(one).then(
        () => false,
        () => true,
      ),
    );
    return !(await Promise.all(refused)).includes(true);
  });
