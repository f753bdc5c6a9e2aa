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
