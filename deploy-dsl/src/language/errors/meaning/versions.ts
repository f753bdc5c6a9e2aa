import type { Label } from '../../diagnostic.ts';
import { defineError, type Place } from '../define.ts';

/** Versions of images. */

export const versionMissing = defineError(
  'TDM-211',
  'An environment runs images, and a service there has no version.',
  (at: Place, service: string, environment: string) => ({
    title: `service "${service}" has no version in environment ${environment}`,
    at,
    caption: 'which image is to run?',
    help: [
      `add under environments.${environment}.services: "${service}: { version: 1.0.0 }"`,
      'or run it from its folder with "driver: raw_exec"',
    ],
  }),
);

export const versionTwice = defineError(
  'TDM-212',
  'The tag of `image` and `version` differ.',
  (at: Place, version: string, tag: string, labels: Label[]) => ({
    title: `two versions: "${version}" and the tag "${tag}" of the image`,
    at,
    caption: 'this one, or the tag?',
    labels,
    help: ['leave the tag out of "image"; it is taken from "version"'],
  }),
);
