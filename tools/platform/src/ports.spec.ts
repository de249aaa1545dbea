import { createServer } from 'node:net';
import { once } from 'node:events';
import fc from 'fast-check';
import type { Ports } from './names.js';
import { choosePorts, defaultPorts, isPortFree } from './ports.js';

const allOf = (ports: Ports): number[] =>
  Object.values(ports).flatMap((listeners) => Object.values(listeners));

describe('choosePorts', () => {
  const defaults = defaultPorts();

  it('takes the defaults on a free machine, all different', async () => {
    expect(await choosePorts(defaults, {}, () => Promise.resolve(true))).toEqual(defaults);
    expect(new Set(allOf(defaults)).size).toBe(14);
  });

  it('keeps what it had, if that is still free', async () => {
    const remembered = { redis: { resp: 20_001 }, registry: { http: 20_002 } };
    const chosen = await choosePorts(defaults, remembered, (port) => Promise.resolve(port !== 20_002));
    expect(chosen.redis).toEqual({ resp: 20_001 });
    expect(chosen.registry).toEqual(defaults.registry);
  });

  it('never gives a taken port, nor one port twice, whatever is taken and drawn', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.constantFrom(...allOf(defaults))),
        fc.infiniteStream(fc.integer({ min: 20_000, max: 20_400 })),
        async (taken, draws) => {
          const chosen = allOf(
            await choosePorts(
              defaults,
              {},
              (port) => Promise.resolve(!taken.includes(port)),
              () => draws.next().value as number,
            ),
          );
          expect(new Set(chosen).size).toBe(14);
          expect(chosen.filter((port) => taken.includes(port))).toEqual([]);
        },
      ),
    );
  });

  it('says so when nothing is free', async () => {
    await expect(choosePorts(defaults, {}, () => Promise.resolve(false))).rejects.toThrow('no free port');
  });
});

test('a port that somebody listens on is not free, and is free afterwards', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  expect(await isPortFree(port)).toBe(false);
  server.close();
  await once(server, 'close');
  expect(await isPortFree(port)).toBe(true);
});
