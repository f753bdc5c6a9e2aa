import { execFile } from 'node:child_process';
import { hostname, userInfo } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** `user@host`: who deploys. */
export function author(env: NodeJS.ProcessEnv): string {
  return `${env.TANDEM_USER || env.GITLAB_USER_LOGIN || env.BUILD_USER_ID || userName(env)}@${hostname()}`;
}

/** A user without an entry in the password file (a container) has no name to ask for. */
function userName(env: NodeJS.ProcessEnv): string {
  try {
    return userInfo().username;
  } catch {
    return env.USER || 'unknown';
  }
}

/** Short git commit of a folder, with `+` when files under version control differ from it; null outside git. */
export async function commitOf(folder: string): Promise<string | null> {
  try {
    const { stdout: head } = await run('git', ['rev-parse', '--short=10', 'HEAD'], { cwd: folder });
    const { stdout: changes } = await run('git', ['status', '--porcelain', '--untracked-files=no'], {
      cwd: folder,
    });
    return head.trim() + (changes.trim() === '' ? '' : '+');
  } catch {
    return null;
  }
}
