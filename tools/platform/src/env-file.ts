import { PlatformError } from './errors.js';
import { readIfPresent } from './files.js';
import { platformPaths } from './home.js';

/** Environment variables by name. */
export type EnvVars = Readonly<Record<string, string>>;

/** KEY=value lines; values are taken literally to the end of the line. */
export const renderEnv = (vars: EnvVars): string =>
  Object.entries(vars)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');

/** Reads KEY=value lines; empty lines and lines that start with # are skipped. */
export const parseEnv = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line.includes('=') && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );

/** The admin connection of the platform at `home`. Throws `not-running` if it was never up. */
export const readPlatformEnv = (home: string): Record<string, string> => {
  const path = platformPaths(home).env;
  const text = readIfPresent(path);
  if (text === undefined)
    throw new PlatformError('not-running', `There is no ${path}: start the platform with \`npx soma up\`.`);
  return parseEnv(text);
};

/**
 * The variables of `env` over those of the local platform, if one was ever up at `home`. A variable of `env` wins also
 * when it is given as `X_FILE`.
 */
export const overPlatformEnv = (
  home: string,
  env: NodeJS.ProcessEnv = process.env,
): Readonly<Record<string, string | undefined>> => {
  const local = parseEnv(readIfPresent(platformPaths(home).env) ?? '');
  const kept = Object.entries(local).filter(([name]) => env[`${name}_FILE`] === undefined);
  return { ...Object.fromEntries(kept), ...env };
};
