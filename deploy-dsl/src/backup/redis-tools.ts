import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { TandemError } from '../language/diagnostic.ts';
import { redisToolsMissing } from '../language/errors/backup.ts';

/** Paths of Redis' own programs on this machine. */
export interface RedisTools {
  server: string;
  cli: string;
  checkRdb: string;
}

const systemFolders = ['/usr/local/bin', '/usr/bin'];

/** @throws TandemError when one is not installed */
export async function findRedisTools(env: NodeJS.ProcessEnv): Promise<RedisTools> {
  const folders = [
    ...(env.PATH ?? '').split(delimiter).filter((each) => each.startsWith('/')),
    ...systemFolders,
  ];
  const find = async (program: string) => {
    for (const folder of folders) {
      const path = join(folder, program);
      const runs = await access(path, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (runs) return path;
    }
    throw new TandemError([redisToolsMissing(program)]);
  };
  return {
    server: await find('redis-server'),
    cli: await find('redis-cli'),
    checkRdb: await find('redis-check-rdb'),
  };
}
