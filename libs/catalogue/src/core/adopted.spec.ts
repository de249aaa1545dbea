import { ordersAvsc, ordersYaml } from '../../test/orders.js';
import { formatProblems } from '../problem.js';
import { checkFiles } from './check-files.js';

describe('a topic that was adopted', () => {
  const yaml = ordersYaml
    .replace('owner: infra-ops\n', 'owner: infra-ops\nadopted: true\n')
    .replace(/key:\n.*\n.*\n/, '')
    .replace('min.insync.replicas: 2', 'min.insync.replicas: 4');
  const avsc = ordersAvsc
    .replace('"doc": "Somebody ordered something.",', '')
    .replace('"type": "long", "doc": "How many.", "default": 1', '"type": ["int", "double"]')
    .replace('[1, 9]', '["one"]')
    .replace('infra_ops', 'shop');
  const files = (spec: string, schema = avsc) => [
    { path: 'infra-ops/orders.created.yaml', text: spec },
    { path: 'infra-ops/orders.created.avsc', text: schema },
  ];

  it('breaks rules of ours with warnings, and with errors once it is no longer adopted', () => {
    const adopted = checkFiles(files(yaml));
    expect(adopted.ok).toBe(true);
    expect(new Set(adopted.problems.map(({ severity }) => severity))).toEqual(new Set(['warning']));
    expect(adopted.problems.map(({ path }) => path).toSorted()).toEqual([
      'config[min.insync.replicas]',
      'doc',
      'fields[1].doc',
      'fields[1].examples[0]',
      'fields[1].type[1]',
      'key',
      'namespace',
    ]);
    const owned = checkFiles(files(yaml.replace('adopted: true\n', '')));
    const paths = owned.problems.filter(({ severity }) => severity === 'error').map(({ path }) => path);
    // What hangs on the schema as a whole (its key, examples) is told when the schema is right.
    expect(paths.toSorted()).toEqual([
      'config[min.insync.replicas]',
      'doc',
      'fields[1].doc',
      'fields[1].type[1]',
    ]);
  });

  it('still has to be Avro, and its YAML what a spec may say', () => {
    const wrong = checkFiles(
      files(yaml.replace('partitions: 3', 'partitions: many'), avsc.replace('"int"', '"lang"')),
    );
    expect(wrong.problems.filter(({ severity }) => severity === 'error').map(({ path }) => path)).toEqual([
      'fields[1].type[0]',
      'partitions',
    ]);
  });
});

it('names both files, with line and column, that claim one topic', () => {
  const claim = ordersYaml
    .replace('owner: infra-ops', 'owner: ui-experience')
    .replace('topic:', '# Mine.\ntopic:');
  const { ok, problems } = checkFiles([
    { path: 'infra-ops/orders.created.yaml', text: ordersYaml },
    { path: 'infra-ops/orders.created.avsc', text: ordersAvsc },
    { path: 'ui-experience/orders.created.yaml', text: claim.replace(/schema:\n.*\n.*\n/, '') },
  ]);
  expect(ok).toBe(false);
  expect(formatProblems(problems.filter(({ severity }) => severity === 'error')).split('\n')[0]).toBe(
    'ui-experience/orders.created.yaml:2:8 topic — orders.created is already declared in infra-ops/orders.created.yaml:1:8; allowed: another name',
  );
});
