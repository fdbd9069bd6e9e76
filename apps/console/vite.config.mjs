import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = path.dirname(fileURLToPath(import.meta.url));

const SNIPPET = 'privacy/embed.js';

/** The snippet is a classic script on pages of others: none of its names may become theirs. */
const closedSnippet = {
  name: 'closed-snippet',
  generateBundle(_options, bundle) {
    const chunk = bundle[SNIPPET];
    if (chunk.imports.length > 0) throw new Error('The snippet has to be one file.');
    chunk.code = `(()=>{${chunk.code.trim()}})();\n`;
  },
};

/** Two pages and a snippet. Everything hashed lies under /console/assets/, whichever page asks for it. */
export default defineConfig({
  root: path.join(here, 'web'),
  base: '/',
  plugins: [closedSnippet],
  publicDir: path.join(here, 'web/public'),
  resolve: { conditions: ['attesta-source', 'module', 'browser', 'development|production'] },
  build: {
    outDir: path.join(here, 'dist/web'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 3_000,
    rollupOptions: {
      onwarn: (warning, warn) => (warning.code === 'MODULE_LEVEL_DIRECTIVE' ? undefined : warn(warning)),
      input: {
        console: path.join(here, 'web/console.html'),
        privacy: path.join(here, 'web/privacy.html'),
        embed: path.join(here, 'web/privacy/embed/embed.ts'),
      },
      output: {
        // Companies name the snippet on their own pages: its address stays.
        entryFileNames: ({ name }) => (name === 'embed' ? SNIPPET : 'console/assets/[name]-[hash].js'),
        chunkFileNames: 'console/assets/[name]-[hash].js',
        assetFileNames: 'console/assets/[name]-[hash][extname]',
      },
    },
  },
});
