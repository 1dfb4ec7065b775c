import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

export default defineConfig({
  root: 'e2e/fakes',
  publicDir: '../../public',
  plugins: [svelte({ configFile: '../../svelte.config.js' })],
  server: { fs: { allow: ['../..'] } },
});
