import { parseArguments } from './arguments.js';

const parse = (...args: string[]) => parseArguments(args, ['serde', 'consume']);

it('runs what is named, each once, and everything when nothing is', () => {
  expect(parse('consume', 'consume')).toEqual({ kind: 'run', suites: ['consume'] });
  expect(parse()).toEqual({ kind: 'run', suites: ['serde', 'consume'] });
});

it('takes the file for the rows, before or behind the suites', () => {
  expect(parse('--json', 'a.json', 'serde')).toEqual({ kind: 'run', suites: ['serde'], json: 'a.json' });
  expect(parse('serde', '--json=a.json')).toEqual({ kind: 'run', suites: ['serde'], json: 'a.json' });
  expect(parse('serde', '--json')).toMatchObject({
    kind: 'wrong',
    message: expect.stringContaining('--json needs the file'),
  });
});

it('names the suites and options that there are', () => {
  expect(parse('serde', 'moon')).toEqual({
    kind: 'wrong',
    message: 'there is no suite moon; there are serde, consume',
  });
  expect(parse('--fast')).toEqual({
    kind: 'wrong',
    message: 'there is no option --fast; there are --json FILE and --help',
  });
  expect(parse('moon', '--help')).toEqual({ kind: 'help' });
});
