import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@tandem/common/testing';
import { asset, fill } from '../../compile/platform/assets.ts';
import { TandemError } from '../../language/diagnostic.ts';
import { benchNeedsProgram } from '../../language/errors/local.ts';
import { findTool } from '../../local/toolchain/find.ts';
import { tools } from '../../local/toolchain/tools.ts';

/** The edge's nginx with its own configuration, in front of servers that do not come and go. */
export interface Edge extends AsyncDisposable {
  /** Where it passes requests on to a server, by the server's name. */
  ports: Record<string, number>;
}

const patienceMs = 10_000;

/** @param servers ports by name @throws TandemError when there is no nginx */
export async function startEdge(servers: Record<string, number>, env: NodeJS.ProcessEnv): Promise<Edge> {
  const program = await nginx(env);
  const folder = await mkdtemp(join(tmpdir(), 'tandem-bench-edge-'));
  const ports: Record<string, number> = {};
  for (const name of Object.keys(servers)) ports[name] = await freePort();
  await mkdir(join(folder, 'temp'));
  // What nginx.sh finds out about a machine; a client's connection is never closed, so that only requests are measured.
  const files = {
    'modules.conf': '',
    'compression.conf': '',
    'temporary-folders.conf': '',
    'client-connections.conf': 'keepalive_timeout 75s;\nkeepalive_requests 1000000000;\n',
    'nginx.conf': configuration(servers, ports),
  };
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
  // Its log goes through a pipe to another process, as with Nomad.
  const shell = spawn(
    'sh',
    ['-c', `'${program}' -p '${folder}/' -c nginx.conf -e stderr -g 'daemon off;' | cat >/dev/null`],
    { detached: true, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const gone = once(shell, 'exit');
  await Promise.race([answering(ports), gone]);
  if (shell.exitCode !== null) throw new Error('nginx does not run with the configuration of the bench');
  return {
    ports,
    async [Symbol.asyncDispose]() {
      // The shell ends when nginx has ended, and with it the reader of its log.
      if (shell.exitCode === null) process.kill(Number(await readFile(join(folder, 'nginx.pid'), 'utf8')));
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function nginx(env: NodeJS.ProcessEnv): Promise<string> {
  for (const tool of tools.filter(({ name }) => name === 'nginx')) {
    const { found } = await findTool(tool, env);
    if (found !== null) return found.path;
  }
  throw new TandemError([benchNeedsProgram('nginx')]);
}

function configuration(servers: Record<string, number>, ports: Record<string, number>): string {
  const names = Object.keys(servers);
  return fill(asset('edge/nginx.conf'), {
    digest: 'bench',
    environment: 'bench',
    cloud: 'local',
    workers: '2',
    connections: '2048',
    worker_shutdown: '1s',
    addresses: '  map "" $client_scheme {\n    default $scheme;\n  }',
    limits: '',
    upstreams: names
      .map((name) => `  upstream ${name} { server 127.0.0.1:${servers[name]}; keepalive 64; }`)
      .join('\n'),
    servers: names.map((name) => server(name, ports[name] ?? 0)).join('\n'),
  });
}

function server(name: string, port: number): string {
  return `  server {
    listen 127.0.0.1:${port};
    location / {
      set $target ${name};
      set $sticky "";
      set $websocket "";
      set $limit_wait "";
      set $unstored "";
      proxy_pass http://${name};
    }
    location = /.tandem/problem {
      internal;
      return 200 "";
    }
  }`;
}

async function answering(ports: Record<string, number>): Promise<void> {
  const until = performance.now() + patienceMs;
  for (const port of Object.values(ports)) {
    while (!(await answers(port))) {
      if (performance.now() > until) throw new Error(`nginx does not answer at port ${port}`);
      await sleep(20);
    }
  }
}

async function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  );
}
