import { platform, uniqueName } from '@soma/testing';
import { testConnection } from '../testing/index.js';
import { RegistryRefusal } from './connection.js';
import { SchemaRegistry } from './registry.js';

const registry = new SchemaRegistry(testConnection(platform()).registry);
const prefix = uniqueName('registry');
const made: string[] = [];
const subject = (name: string): string => {
  made.unshift(`${prefix}-${name}`);
  return `${prefix}-${name}`;
};
const record = (name: string, ...fields: object[]) =>
  JSON.stringify({ type: 'record', name, namespace: 'probe', fields });
const id = { name: 'id', type: 'string' };
const optional = { name: 'note', type: 'string', default: '' };
const required = { name: 'size', type: 'int' };

afterAll(async () => {
  // The latest first: a schema that others refer to cannot go before them.
  for (const name of made) await registry.deleteSubject(name);
});

describe('SchemaRegistry on a real registry', () => {
  it('registers, shows and finds a schema with the schemas it refers to', async () => {
    const address = subject('address');
    const person = subject('person');
    await registry.register(address, record('Address', id));
    const references = [{ name: 'probe.Address', subject: address, version: 1 }];
    const schema = record('Person', id, { name: 'home', type: 'probe.Address' });
    const registered = await registry.register(person, schema, references);
    expect(await registry.version(person, 1)).toMatchObject({ id: registered, version: 1, references });
    expect(await registry.lookup(person, schema, references)).toMatchObject({ id: registered, references });
    expect((await registry.version(address, 1))?.references ?? []).toEqual([]);
    await expect(registry.deleteVersion(address, 1)).rejects.toBeInstanceOf(RegistryRefusal);
  });

  it('judges references when they are registered, though not when it is asked', async () => {
    const part = subject('part');
    const whole = subject('whole');
    await registry.register(part, record('Part', id));
    const references = [{ name: 'probe.Part', subject: part, version: 1 }];
    const of = (...more: object[]) => record('Whole', { name: 'part', type: 'probe.Part' }, ...more);
    await registry.register(whole, of(), references);
    await registry.setLevel(whole, 'FULL_TRANSITIVE');
    const asked = await registry
      .compatible(whole, 1, of(optional), references)
      .catch((error: unknown) => error);
    expect(asked).toMatchObject({ code: 'REGISTRY_REFUSED', status: 422 });
    const refused = await registry.register(whole, of(required), references).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'REGISTRY_REFUSED', status: 409 });
    await registry.register(whole, of(optional), references);
    expect(await registry.versions(whole)).toEqual([1, 2]);
  });

  it('reads older versions with the types of the new one, and refuses what it cannot read so', async () => {
    const part = subject('shared');
    await registry.register(part, record('Part', id));
    const references = [{ name: 'probe.Part', subject: part, version: 1 }];
    const definition = { type: 'record', name: 'Part', fields: [id] };
    const of = (...parts: unknown[]) =>
      record('Whole', id, ...parts.map((type) => ({ name: 'part', type: ['null', type], default: null })));
    const cases = [
      [of(definition), [], of('Part'), references],
      [of('Part'), references, of(definition), []],
      [of('Part'), references, of(), []],
    ] as const;
    for (const [index, [before, beforeReferences, after, afterReferences]] of cases.entries()) {
      const whole = subject(`transition-${index}`);
      await registry.setLevel(whole, 'FULL_TRANSITIVE');
      await registry.register(whole, before, beforeReferences);
      await expect(registry.register(whole, after, afterReferences)).rejects.toMatchObject({ status: 422 });
    }
    const taken = subject('taken');
    await registry.setLevel(taken, 'FULL_TRANSITIVE');
    await registry.register(taken, of());
    await registry.register(taken, of('Part'), references);
    expect(await registry.versions(taken)).toEqual([1, 2]);
  });

  it('says whether a schema is compatible with a version', async () => {
    const name = subject('compatible');
    await registry.register(name, record('Plain', id));
    await registry.setLevel(name, 'FULL_TRANSITIVE');
    expect(await registry.compatible(name, 1, record('Plain', id, optional))).toBe(true);
    expect(await registry.compatible(name, 1, record('Plain', id, required))).toBe(false);
  });

  it('lets a level go, and a version', async () => {
    const name = subject('let-go');
    await registry.register(name, record('Gone', id));
    await registry.register(name, record('Gone', id, optional));
    await registry.setLevel(name, 'BACKWARD');
    expect(await registry.level(name)).toBe('BACKWARD');
    await registry.deleteLevel(name);
    expect(await registry.level(name)).not.toBe('BACKWARD');
    await registry.deleteVersion(name, 1);
    expect(await registry.versions(name)).toEqual([2]);
    await registry.deleteVersion(name, 1);
    await registry.deleteLevel(`${name}-that-is-not-there`);
  });

  it('says which level those follow that have none, as the platform sets it', async () => {
    expect(await registry.defaultLevel()).toBe('FULL_TRANSITIVE');
  });

  it('takes hundreds of calls at once and counts each under its route', async () => {
    const counting = new SchemaRegistry(testConnection(platform()).registry);
    const asked = Array.from({ length: 300 }, (_, index) => counting.versions(`${prefix}-none-${index}`));
    expect(new Set((await Promise.all(asked)).flat())).toEqual(new Set());
    expect(Object.fromEntries(counting.requests)).toEqual({ 'GET /subjects/{}/versions': 300 });
  });
});
