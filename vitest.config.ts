import { defineConfig } from 'vitest/config';

/**
 * Two projects: `unit` starts at most a process or two of its own and runs anywhere after `npm ci` and the
 * toolchain; `stack` is end to end against the stack that `./tandem up` runs.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{common,deploy-dsl,services/*,examples}/**/*.test.ts'],
          exclude: ['**/node_modules/**', '.tandem/**'],
          globalSetup: 'common/src/testing/rabbitmq-global-setup.ts',
          // Safety nets for a machine that does a lot besides, never a part of what is tested.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Most of the time these tests wait for other processes.
          maxWorkers: 4,
        },
      },
      {
        test: {
          name: 'stack',
          include: ['tests/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
