import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Catalogue, servicePrincipals } from '@soma/contracts';
import { kafkaEnv, type KafkaEnv, kafkaSettings, registrySettings } from '@soma/kafka';
import { type OwnedPlatform, parseEnv, platformPaths } from '@soma/platform';
import { loadConfig } from '@soma/service-kit';
import { postgresEnv } from '@soma/postgres';
import { Applier, Provisioner, provisionerService } from '@soma/topic-provisioner';
import { z } from 'zod';
import { requireCatalogue } from './catalogue.js';
import { CommandFailure } from './exit.js';
import { withJournal } from './journal.js';

const schemas = fileURLToPath(new URL('../../../schemas', import.meta.url));
const environment = 'local';
const kafkaSchema = z.object(kafkaEnv);
const postgresSchema = z.object(postgresEnv);

const principalEnv = (home: string, principal: string) =>
  parseEnv(readFileSync(join(platformPaths(home).principals, `${principal}.env`), 'utf8'));

/** The catalogue of this checkout; fails with every problem in it. */
export const repositoryCatalogue = (): Promise<Catalogue> => requireCatalogue(schemas);

/** How a service principal reaches Kafka and the registry, with its own rights. */
export const principalConnection = (home: string, principal: string): KafkaEnv =>
  loadConfig(kafkaSchema, principalEnv(home, principal));

/** Gives each service that the catalogue names an account of its own on the local platform. */
export const ensurePrincipals = async (platform: OwnedPlatform, catalogue: Catalogue): Promise<void> => {
  const services = servicePrincipals(catalogue.topics.map(({ spec }) => spec)).map(({ service }) => service);
  await platform.ensurePrincipals(
    [...new Set([...services, provisionerService])].map((name) => ({
      name,
      ...(name === 'notification-feed' && { postgres: true, redis: true }),
      ...(name === provisionerService && { postgres: true }),
    })),
  );
};

/** Brings the local platform to what the catalogue says, and reads it back. Answers what was done, in words. */
export const provision = async (platform: OwnedPlatform, catalogue: Catalogue): Promise<string> => {
  const admin = loadConfig(kafkaSchema, platform.env);
  const journal = loadConfig(postgresSchema, principalEnv(platform.home, provisionerService));
  const provisioner = new Provisioner({
    kafka: kafkaSettings(admin),
    registry: registrySettings(admin),
    catalogue,
    environment,
  });
  try {
    const { applied, blocked } = await withJournal(journal, (kept) =>
      new Applier(provisioner, kept).apply({ request: {}, by: 'npm start' }),
    );
    const failed = applied.find(({ outcome }) => !outcome.ok);
    const { changes } = await provisioner.verify();
    if (failed || blocked.length > 0 || changes.length > 0) {
      throw new CommandFailure('the cluster is not as the catalogue says: see `npx soma topics plan`');
    }
    return applied.length === 0 ? 'nothing to do' : `${applied.length} changes`;
  } finally {
    await provisioner.close();
  }
};
