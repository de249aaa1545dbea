import { formatProblems, loadCatalogue } from '@soma/catalogue';
import { kafkaSettings, registrySettings } from '@soma/kafka';
import { ConfigError, type ConfigProblem } from '@soma/service-kit';
import type { Config } from './config.js';
import { Provisioner, UnknownEnvironmentError } from './provisioner.js';

const wrong = (problem: ConfigProblem): ConfigError => new ConfigError([problem]);

/** Makes the provisioner of a service's settings; throws `ConfigError` when catalogue or environment is wrong. */
export const createProvisioner = async (config: Config): Promise<Provisioner> => {
  const { SOMA_SCHEMAS_DIR: directory, SOMA_ENVIRONMENT: environment } = config;
  const result = await loadCatalogue(directory);
  if (!result.ok) {
    const fix = `correct what is wrong in it:\n${formatProblems(result.problems)}`;
    throw wrong({
      variable: 'SOMA_SCHEMAS_DIR',
      expected: 'directory of a valid catalogue',
      given: directory,
      fix,
    });
  }
  const { catalogue } = result;
  const connection = { kafka: kafkaSettings(config), registry: registrySettings(config) };
  try {
    return new Provisioner({ ...connection, catalogue, environment });
  } catch (error) {
    if (!(error instanceof UnknownEnvironmentError)) throw error;
    const expected = 'name of an overlay';
    throw wrong({
      variable: 'SOMA_ENVIRONMENT',
      expected,
      given: environment,
      fix: `correct it (${error.message})`,
    });
  }
};
