import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checksumsOf, parseChecksums, sha256Of, wrongFiles } from './checksums.js';
import { changedFiles, writeManifest } from './manifest.js';
import { installCommand } from './packages.js';
import { javaMajor } from './software.js';

const folder = mkdtempSync(join(tmpdir(), 'soma-machine-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('checksums', () => {
  it('lists every jar of Kafka and the archive of the registry', () => {
    expect(checksumsOf('kafka-4.1.0')).toHaveLength(93);
    expect(checksumsOf('apicurio-registry-3.0.9').map(({ file }) => file)).toEqual([
      'apicurio-registry-app-3.0.9-all.tar.gz',
    ]);
  });

  it('names file and line of what it cannot read', () => {
    expect(() => parseChecksums('\nnonsense\n', 'list.sha256')).toThrow(
      'list.sha256:2: expected "<sha256>  <file>", found "nonsense"',
    );
  });

  it('finds the files that are missing or differ', async () => {
    writeFileSync(join(folder, 'good'), 'abc');
    writeFileSync(join(folder, 'bad'), 'abd');
    const sha256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(await sha256Of(join(folder, 'good'))).toBe(sha256);
    expect(
      await wrongFiles(
        folder,
        ['good', 'bad', 'absent'].map((file) => ({ file, sha256 })),
      ),
    ).toEqual(['bad', 'absent']);
  });
});

test('a verified folder notices each file that changed since', () => {
  expect(changedFiles(folder)).toBeUndefined();
  writeManifest(folder);
  expect(changedFiles(folder)).toEqual([]);
  appendFileSync(join(folder, 'bad'), 'x');
  rmSync(join(folder, 'good'));
  expect(changedFiles(folder)).toEqual(['bad', 'good']);
});

test.each([
  ['openjdk version "17.0.15" 2025-04-15', 17],
  ['java version "1.8.0_392"', 8],
  ['IMPLEMENTOR="Debian"\nJAVA_VERSION="21.0.4"\n', 21],
  ['no java', undefined],
])('%s is Java %s', (text, major) => {
  expect(javaMajor(text)).toBe(major);
});

test('each installer has one line that names all packages', () => {
  expect(installCommand('apt-get', ['redis-server', 'maven'], true).join(' ')).toBe(
    'sudo env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends redis-server maven',
  );
  expect(installCommand('brew', ['redis'], true).join(' ')).toBe('brew install redis');
  expect(installCommand('dnf', ['redis'], false).join(' ')).toBe('dnf install -y redis');
});
