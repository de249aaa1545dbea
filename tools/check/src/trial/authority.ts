import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** PEM files of a server on 127.0.0.1 and of the authority that signed it. */
export interface Certificates {
  readonly caFile: string;
  readonly keyFile: string;
  readonly certificateFile: string;
  /** Key and certificate in one file. */
  readonly keyStoreFile: string;
}

const forADay = ['-days', '1', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];

/** Makes an authority of its own in a folder, and a server's certificate for 127.0.0.1. */
export const makeCertificates = async (folder: string): Promise<Certificates> => {
  const file = (name: string): string => join(folder, name);
  const [caKey, caFile] = [file('ca.key'), file('ca.pem')];
  const [keyFile, certificateFile] = [file('server.key'), file('server.pem')];
  await run('openssl', [
    'req',
    '-x509',
    '-subj',
    '/CN=trial authority',
    ...forADay,
    '-keyout',
    caKey,
    '-out',
    caFile,
  ]);
  await run('openssl', [
    ...['req', '-x509', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', ...forADay],
    ...['-addext', 'basicConstraints=critical,CA:FALSE'],
    ...['-CA', caFile, '-CAkey', caKey, '-keyout', keyFile, '-out', certificateFile],
  ]);
  const keyStoreFile = file('server.keystore.pem');
  const parts = await Promise.all([keyFile, certificateFile].map((name) => readFile(name, 'utf8')));
  await writeFile(keyStoreFile, parts.join(''), { mode: 0o600 });
  return { caFile, keyFile, certificateFile, keyStoreFile };
};
