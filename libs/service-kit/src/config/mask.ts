import { maskUrls } from '@soma/telemetry';

const secretName = /PASSWORD|SECRET|TOKEN|KEY/i;
const path = /^(\/|\.{1,2}\/|~\/|[A-Za-z]:\\)/;

/**
 * A value as it may be shown: hidden if the name says it is a secret, without the password if it is (or nearly is) a
 * URL. The path of a file that holds a secret is shown, unless it does not look like a path: then somebody put the
 * secret itself there.
 */
export function maskValue(variable: string, value: string): string {
  if (secretName.test(variable) && !(variable.endsWith('_FILE') && path.test(value))) return '(hidden)';
  // Again from the first colon to the last @: a URL that is refused is often one that is misspelt.
  return maskUrls(value).replace(/^((?:[a-z][\w+.-]*:\/\/)?[^:]*:)[^]*@/i, '$1***@');
}
