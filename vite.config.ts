import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { typescriptBundle } from './app/compiler/typescript-bundle.ts';

/** No third parties, no inline script; WebAssembly may be compiled (compiler and virtual boards). */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Only in builds: the development server injects styles and scripts of its own. */
function contentSecurityPolicy(): Plugin {
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: CONTENT_SECURITY_POLICY },
        injectTo: 'head-prepend',
      },
    ],
  };
}

/**
 * The two WebAssembly packages were made for Node as well, and name its modules in branches that no browser takes.
 * Those get an empty module; the same import anywhere else stays the error that it is.
 */
function noNodeModulesForWebAssembly(): Plugin {
  const EMPTY = '\0empty-node-module';
  return {
    name: 'no-node-modules-for-webassembly',
    enforce: 'pre',
    resolveId(source, importer = '') {
      const isNodes = /^(node:)?(path|fs|crypto|url|module)$/.test(source);
      return isNodes && /mpy-cross-v6|micropython-webassembly/.test(importer) ? EMPTY : null;
    },
    load: (id) => (id === EMPTY ? 'export default {};' : null),
  };
}

export default defineConfig({
  root: 'app',
  base: './',
  publicDir: '../public',
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    target: 'es2022',
    // The TypeScript compiler is one chunk of some megabytes; it loads in a worker, on demand.
    chunkSizeWarningLimit: 6000,
    // Inlined modulepreload helpers and data: URLs would need a wider policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      checks: { pluginTimings: false },
      // The page needs the compiler's job description, not the compiler: that is only in the worker.
      treeshake: {
        moduleSideEffects: (id) => !/node_modules\/typescript\/|\/app\/compiler\//.test(id),
      },
    },
  },
  worker: {
    format: 'es',
    plugins: () => [noNodeModulesForWebAssembly(), typescriptBundle],
    // How long plugins take on a busy machine is no warning about the app.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  plugins: [
    noNodeModulesForWebAssembly(),
    typescriptBundle,
    svelte({ configFile: '../svelte.config.js' }),
    contentSecurityPolicy(),
    VitePWA({
      strategies: 'generateSW',
      registerType: 'prompt',
      injectRegister: false,
      filename: 'service-worker.js',
      manifest: false,
      workbox: {
        globPatterns: ['**/*.{html,js,mjs,css,wasm,svg,png,webmanifest,json,py,txt}'],
        maximumFileSizeToCacheInBytes: 24 * 1024 * 1024,
        cleanupOutdatedCaches: true,
        clientsClaim: true,
        skipWaiting: false,
        navigateFallback: 'index.html',
        navigateFallbackDenylist: [/\/runtimes\//],
        inlineWorkboxRuntime: true,
        sourcemap: false,
      },
    }),
  ],
});
