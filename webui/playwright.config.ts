import { defineConfig } from '@playwright/test'

// The browser is the system's: whoever tests Pintle installs it as a package, like everything else.
const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium'

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  globalSetup: './e2e/front.ts',
  // Each worker has a server of its own, so tests of different workers never meet.
  workers: Number(process.env.WORKERS ?? 2),
  retries: 0,
  forbidOnly: true,
  // What a busy machine of two cores may need; nothing waits for them.
  timeout: 240_000,
  expect: { timeout: 40_000 },
  reporter: process.env.CI ? 'dot' : 'list',
  use: {
    browserName: 'chromium',
    viewport: { width: 1280, height: 720 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    colorScheme: 'light',
    trace: 'retain-on-failure',
    actionTimeout: 40_000,
    navigationTimeout: 60_000,
    launchOptions: { executablePath: chromium, args: ['--no-sandbox', '--disable-dev-shm-usage'] },
  },
})
