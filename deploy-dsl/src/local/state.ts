import { join } from 'node:path';

/** Where the stack of one project keeps its state: one ignored folder, so that removing it leaves nothing. */
export interface State {
  /** `<project>/.tandem`. Also marks every process of the stack, in its environment. */
  folder: string;
  /** The addresses of the running stack. */
  stack: string;
  /** Held while `up` or `down` work. */
  lock: string;
  /** What is running (one file per agent), and the configuration it was started with. */
  run: string;
  logs: string;
  /** Snapshots of service folders, by digest. */
  builds: string;
  /** Everything that `down --purge` removes. */
  data: string;
  /** Persistent data of the services' jobs: `${meta.tandem_data}`. */
  jobs: string;
}

export function stateOf(root: string): State {
  const folder = join(root, '.tandem');
  const data = join(folder, 'data');
  return {
    folder,
    stack: join(folder, 'stack.json'),
    lock: join(folder, 'lock'),
    run: join(folder, 'run'),
    logs: join(folder, 'logs'),
    builds: join(folder, 'builds'),
    data,
    jobs: join(data, 'jobs'),
  };
}
