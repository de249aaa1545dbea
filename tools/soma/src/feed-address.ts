import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { platformHome } from '@soma/platform';
import { CommandFailure, exitCodes } from './exit.js';
import { readServices } from './services.js';

const localUrl = (): string => {
  const url = readServices(platformHome())['notification-feed'];
  if (url) return url;
  throw new CommandFailure('there is no feed: run `npm start`, or name one with --url', exitCodes.config);
};

const readToken = (file: string): string => {
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  throw new CommandFailure(
    `there is no token in ${file}: run \`npm start\`, or name a file with --token-file`,
    exitCodes.config,
  );
};

/** Where the feed is and the token for it: as named, else those of `npm start`. */
export const feedAddress = ({
  url,
  tokenFile,
}: {
  readonly url?: string;
  readonly tokenFile?: string;
}): { url: string; token: string } => ({
  url: url ?? localUrl(),
  token: readToken(tokenFile ?? join(platformHome(), 'tokens', 'operator')),
});
