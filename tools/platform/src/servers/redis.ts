import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../files.js';
import { portOf } from '../names.js';
import { acceptsConnections } from '../ports.js';
import { adminRule, redisCli } from './redis-cli.js';
import { healthy, unhealthy, type Server, type Site } from './server.js';

const settings = (port: number, data: string, users: string): string => `bind 127.0.0.1
port ${port}
dir "${data}"
aclfile "${users}"
appendonly yes
save ""
daemonize no
supervised no
`;

/** Wakes readers and holds nothing that cannot be lost. */
export const redisServer = (site: Site): Server => {
  const folder = join(site.paths.run, 'redis');
  const data = join(site.paths.data, 'redis');
  const users = join(data, 'users.acl');
  const config = join(folder, 'redis.conf');
  const port = portOf(site.ports, 'redis', 'resp');
  return {
    name: 'redis',
    after: [],
    stopSignal: 'SIGTERM',
    stopWithin: 5000,
    prepare: async () => {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      mkdirSync(data, { recursive: true, mode: 0o700 });
      // From then on the file is the server's (ACL SAVE): principals and rotated passwords live there.
      if (!existsSync(users))
        replaceFile(users, `user default off\nuser ${adminRule(site.secrets.redisAdmin)}\n`);
      replaceFile(config, settings(port, data, users));
      return Promise.resolve();
    },
    launch: () => ({
      command: site.software['redis-server'] ?? 'redis-server',
      args: [config],
      cwd: data,
      deathSignal: 'KILL',
    }),
    check: async () => {
      if (!(await acceptsConnections(port)))
        return unhealthy(`nothing accepts connections on 127.0.0.1:${port}`);
      const [answer] = await redisCli(site.software['redis-cli'] ?? 'redis-cli', site.connections.redis, [
        'PING',
      ]);
      return answer === 'PONG' ? healthy : unhealthy(`it answered ${answer}`);
    },
  };
};
