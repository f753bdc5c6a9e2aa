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
          testTimeout: 30_000,
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
