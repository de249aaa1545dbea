import type { AvroField } from '@soma/contracts';

/** Words in a field's name that suggest personal data; `first_name` and `firstName` are the words `first name`. */
const nameWords =
  /\b(user|users|username|email|mail|phone|mobile|fax|address|birth|birthday|birthdate|surname|(first|last|full|given|family|middle|display|nick|maiden|user|customer|person) name|firstname|lastname|fullname|nickname|person|ip|gender|nationality|passport|ssn|iban)\b/;

/** Words in a field's doc that do. */
const docWords =
  /\b(user|users|person|persons|people|e-?mail|phone number|telephone|(ip|e-?mail|postal|home|street) address(es)?|date of birth|birthday|(name|address) of (a|an|the) (person|customer|employee|patient|buyer|recipient))\b/i;

const words = (name: string): string =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/[_-]+/g, ' ')
    .toLowerCase();

/** The word by which a field looks like personal data; undefined if it does not. */
export const personalHint = ({ name, doc }: Pick<AvroField, 'name' | 'doc'>): string | undefined => {
  const inName = nameWords.exec(words(name))?.[0];
  if (inName !== undefined) return `its name says “${inName}”`;
  const inDoc = docWords.exec(doc ?? '')?.[0];
  return inDoc === undefined ? undefined : `its doc says “${inDoc}”`;
};

/** Whether a list of paths holds a path or one that it lies within. */
export const covers = (paths: readonly unknown[], path: string): boolean =>
  paths.some((one) => one === path || (typeof one === 'string' && path.startsWith(`${one}.`)));
