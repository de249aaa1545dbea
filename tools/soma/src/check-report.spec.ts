import type { Problem } from '@soma/catalogue';
import fc from 'fast-check';
import { renderReport } from './check-report.js';

const problem: Problem = {
  file: 'schemas/infra-ops/a,b:c.avsc',
  line: 7,
  column: 3,
  path: 'buyer.name',
  message: '100 %: gone,\nreally',
  allowed: 'a default',
  severity: 'error',
  topic: 'orders.created',
  consumers: [{ service: 'ledger', squad: 'identity-settings' }],
};

const report = { directory: 'schemas', topics: 8, problems: [problem] };

describe('renderReport', () => {
  it('writes workflow commands whose properties and data cannot be taken apart', () => {
    expect(renderReport({ ...report, against: 'main' }, 'github').split('\n')).toEqual([
      '::error file=schemas/infra-ops/a%2Cb%3Ac.avsc,line=7,col=3,title=orders.created buyer.name::100 %25: gone,%0Areally%0Aallowed: a default',
      'schemas against main: 1 error',
    ]);
  });

  it('annotates with error, warning and notice, one line each, whatever the message', () => {
    const severities = { error: 'error', warning: 'warning', note: 'notice' };
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary' }),
        fc.constantFrom('error', 'warning', 'note'),
        (message, path, severity) => {
          const text = renderReport(
            { ...report, problems: [{ ...problem, message, path, severity }] },
            'github',
          );
          const lines = text.split(/\r\n|\r|\n/);
          expect(lines).toHaveLength(2);
          const [, command, properties = '', rest = ''] =
            /^::(\w+) ([^:]*)::(.*)$/s.exec(lines[0] ?? '') ?? [];
          expect(command).toBe(severities[severity]);
          expect(properties.split(',')).toHaveLength(4);
          const decoded = rest.replaceAll('%0A', '\n').replaceAll('%0D', '\r').replaceAll('%25', '%');
          expect(decoded).toBe(`${message}\nallowed: a default`);
        },
      ),
    );
  });

  it('writes one JSON document', () => {
    expect(JSON.parse(renderReport(report, 'json'))).toEqual({ ok: false, topics: 8, problems: [problem] });
  });

  it('writes a line for each problem and a verdict', () => {
    expect(renderReport(report, 'text')).toBe(
      'schemas/infra-ops/a,b:c.avsc:7:3 buyer.name — 100 %: gone,\nreally; allowed: a default\nschemas: 1 error',
    );
    const right = { ...report, problems: [{ ...problem, severity: 'note' as const }] };
    expect(renderReport(right, 'text').split('\n').at(-1)).toBe('schemas: 8 topics, all right (1 note)');
    expect(renderReport({ ...report, problems: [] }, 'text')).toBe('schemas: 8 topics, all right');
  });
});
