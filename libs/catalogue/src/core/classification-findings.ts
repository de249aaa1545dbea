import { type AvroRecord, fieldPaths } from '@soma/contracts';
import { listAt, textAt } from './loose.js';
import { covers, personalHint } from './personal-data.js';
import type { Finding } from './source.js';

const lists = ['personal', 'notPersonal'] as const;

/** What is wrong with what a spec says about personal data. */
export function* classificationFindings(spec: unknown, schema: AvroRecord | undefined): Generator<Finding> {
  const known = schema && fieldPaths(schema).map(({ path }) => path);
  const personal = listAt(spec, ['classification', 'personal']);
  for (const list of lists)
    for (const [index, path] of listAt(spec, ['classification', list]).entries()) {
      const at = ['classification', list, index];
      if (known && typeof path === 'string' && !known.includes(path))
        yield { at, message: `the schema has no field ${path}`, allowed: known.join(', ') };
      if (listAt(spec, ['classification', list]).indexOf(path) < index)
        yield { at, message: `${String(path)} stands here twice` };
      if (list === 'notPersonal' && personal.includes(path))
        yield { at, message: `${String(path)} stands among the personal, too`, allowed: 'one of the two' };
    }
  if (personal.length > 0 && textAt(spec, ['classification', 'level']) === 'public')
    yield {
      at: ['classification', 'level'],
      message: 'a topic with personal data cannot be public',
      allowed: 'internal | confidential',
    };
}

/** Fields that look like personal data and that nobody has classified. */
export function* unclassifiedFindings(spec: unknown, schema: AvroRecord): Generator<Finding> {
  const reviewed = lists.flatMap((list) => listAt(spec, ['classification', list]));
  for (const { path, field } of fieldPaths(schema)) {
    const hint = personalHint(field);
    if (hint === undefined || covers(reviewed, path)) continue;
    yield {
      at: ['classification', 'personal'],
      message: `the field ${path} may hold personal data (${hint}) and is not classified`,
      allowed: `${path} in classification.personal, or in classification.notPersonal if it was reviewed and is not`,
      severity: 'warning',
    };
  }
}
