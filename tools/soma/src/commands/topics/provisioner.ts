import { kafkaSettings, registrySettings } from '@soma/kafka';
import { Applier, Provisioner, UnknownEnvironmentError } from '@soma/topic-provisioner';
import { requireCatalogue } from '../../catalogue.js';
import { journalConnection, kafkaConnection } from '../../connection.js';
import { CommandFailure, exitCodes } from '../../exit.js';
import { withJournal } from '../../journal.js';
import type { Options } from './options.js';

/** Runs a command against the cluster with the catalogue of the options. */
export const withProvisioner = async <T>(
  { env, schemas }: Options,
  run: (provisioner: Provisioner) => Promise<T>,
): Promise<T> => {
  const connection = kafkaConnection();
  let provisioner: Provisioner;
  try {
    provisioner = new Provisioner({
      kafka: kafkaSettings(connection),
      registry: registrySettings(connection),
      catalogue: await requireCatalogue(schemas),
      environment: env,
    });
  } catch (error) {
    if (error instanceof UnknownEnvironmentError) throw new CommandFailure(error.message, exitCodes.usage);
    throw error;
  }
  try {
    return await run(provisioner);
  } finally {
    await provisioner.close();
  }
};

/** Runs a command that applies. */
export const withApplier = <T>(provisioner: Provisioner, run: (applier: Applier) => Promise<T>): Promise<T> =>
  withJournal(journalConnection(), (journal) => run(new Applier(provisioner, journal)));
