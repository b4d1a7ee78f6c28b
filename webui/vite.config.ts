import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

// `npm run dev` serves the interface from its sources and passes the API on to a running server.
const server = process.env.PINTLE_URL ?? 'http://127.0.0.1:7171'

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  // The schema of project files lies in docs.
  server: { fs: { allow: ['..'] }, proxy: { '/api': { target: server } } },
  build: {
    outDir: process.env.PINTLE_WEBUI_OUT ?? 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // Nothing may be loaded from data: but small pictures; the policy of the page forbids it for scripts.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 600,
    // The styles of all pages are a few kilobytes beside the kit's. A style that fails to load, as happens while network
    // interfaces change, would keep a page from opening; where code does, the router loads the page once more.
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    rollupOptions: {
      output: {
        manualChunks: (id) => {
          if (/node_modules\/(react|react-dom|scheduler)\//.test(id)) return 'react'
          if (/node_modules\/(@mantine|@floating-ui|clsx)\//.test(id)) return 'kit'
          if (/node_modules\/@tanstack\//.test(id)) return 'data'
          return undefined
        },
      },
    },
  },
  test: { environment: 'jsdom', include: ['src/**/*.test.{ts,tsx}'], setupFiles: ['src/testing/setup.ts'], restoreMocks: true },
})
