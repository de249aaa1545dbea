import { desiredState } from '@soma/topic-provisioner';
import { environment, generatedCatalogue } from './catalogue.js';

const desired = (shape: Parameters<typeof generatedCatalogue>[1]) =>
  desiredState(generatedCatalogue(30, shape), { environment, prefix: 'p.' });

it('is as many topics as were asked for, with two configs each', () => {
  const { topics = [], subjects } = desired({ consumers: false }) ?? {};
  expect(topics).toHaveLength(30);
  expect(topics.map(({ config }) => Object.keys(config).length)).toEqual(Array(30).fill(2));
  expect(subjects).toHaveLength(0);
});

it('has a dead-letter topic for each that is consumed, and a schema of its own for each', () => {
  const { topics, subjects } = desired({ consumers: true, schemas: 'spec' }) ?? {};
  expect(topics).toHaveLength(60);
  expect(new Set(subjects?.map(({ schema }) => schema)).size).toBe(30);
});

it('names everything below the prefix, but for the rights on the cluster itself', () => {
  const { topics = [], acls = [] } = desired({ consumers: true }) ?? {};
  const ours = acls.filter(({ resourceType }) => resourceType !== 'CLUSTER');
  const named = [...topics.map(({ name }) => name), ...ours.map(({ resourceName }) => resourceName)];
  expect(named.filter((name) => !name.startsWith('p.'))).toEqual([]);
});
