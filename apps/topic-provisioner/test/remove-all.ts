import type { ClusterAdmin, SchemaRegistry } from '@soma/kafka';
import { waitFor } from '@soma/testing';

/** Deletes subjects for good: a type can go once nothing refers to it any more, so what uses it goes in an earlier round. */
const removeSubjects = (registry: SchemaRegistry, mine: (subject: string) => boolean): Promise<boolean> =>
  waitFor(
    async () => {
      const refused = (await registry.subjects()).filter(mine).map((one) =>
        registry.deleteSubject(one).then(
          () => false,
          () => true,
        ),
      );
      return !(await Promise.all(refused)).includes(true);
    },
    { timeoutMs: 60_000, describe: 'the subjects to go' },
  );

/** Deletes what stands under names of a test's own: topics, the rights on them, and subjects. */
export const removeAll = async (
  admin: ClusterAdmin,
  registry: SchemaRegistry,
  mine: (name: string) => boolean,
): Promise<void> => {
  const [topics, listed] = await Promise.all([admin.listTopics(), admin.listAcls()]);
  await admin.deleteTopics(topics.map(({ name }) => name).filter(mine));
  if (listed.enabled) await admin.deleteAcls(listed.acls.filter(({ resourceName }) => mine(resourceName)));
  await removeSubjects(registry, mine);
};
