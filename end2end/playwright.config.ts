import { defineConfig, devices } from '@playwright/test';
import { existsSync } from 'node:fs';

// The system's Chromium: nothing is downloaded.
const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));
export const PORT = 3710;
export const SIMULATOR_PORT = 3711;

export default defineConfig({
  testDir: './tests',
  outputDir: './results/run',
  timeout: 60_000,
  expect: { timeout: 15_000 },
  // Two cores, one server: journeys take turns.
  workers: 1,
  forbidOnly: true,
  reporter: [['list']],
  use: {
    baseURL: `http://127.0.0.1:${PORT}`,
    locale: 'zh-CN',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? chromium,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    },
  },
  projects: [
    { name: 'desktop', use: { ...devices['Desktop Chrome'], locale: 'zh-CN', viewport: { width: 1280, height: 800 } } },
    { name: 'no-script', grep: /@plain/, use: { viewport: { width: 1280, height: 800 }, javaScriptEnabled: false } },
    {
      name: 'phone',
      grep: /@phone/,
      use: {
        viewport: { width: 360, height: 640 },
        userAgent: 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36',
      },
    },
  ],
  webServer: {
    command: `rm -rf results/data && "$CASHIER" demo --listen 127.0.0.1:${PORT} --simulator 127.0.0.1:${SIMULATOR_PORT} --notice-speed 20`,
    url: `http://127.0.0.1:${PORT}/readyz`,
    timeout: 120_000,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 15_000 },
    env: {
      CASHIER: process.env.CASHIER ?? 'cashier',
      CASHIER_DATA_DIR: 'results/data',
      LEPTOS_SITE_ROOT: '../target/site',
      CASHIER_LOG__LEVEL: 'warn',
      // One browser plays many payers.
      CASHIER_LIMITS__PAGE_PER_S: '0',
      CASHIER_LIMITS__ADDRESS_PER_S: '0',
    },
  },
});
