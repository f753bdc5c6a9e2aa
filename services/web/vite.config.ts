import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { workerPlugin } from './worker-plugin.ts';

/** Where a running stack answers, for `npm run dev`. */
const edge = process.env.TANDEM_EDGE ?? 'http://127.0.0.1:8080';

export default defineConfig({
  root: 'client',
  plugins: [react(), workerPlugin(join(import.meta.dirname, 'client/worker/worker.ts'))],
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    // Two years of browsers: what WebRTC needs is older. From 17.5 on Safari knows light-dark() itself.
    target: ['chrome123', 'firefox124', 'safari17.5'],
    sourcemap: true,
    // Pictures become files: `data:` addresses would need a weaker content security policy.
    assetsInlineLimit: 0,
  },
  server: { proxy: { '/api': { target: edge, ws: true } } },
});
