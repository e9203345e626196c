// What all journeys share: a page that tolerates no console error, the shop, the wallet, the merchant's API, the panel.
import AxeBuilder from '@axe-core/playwright';
import { expect, test as base, type Locator, type Page } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import jsQR from 'jsqr';
import { PNG } from 'pngjs';
import { SIMULATOR_PORT } from '../playwright.config';

const WALLET = `http://127.0.0.1:${SIMULATOR_PORT}/wallet`;

/** Fails a journey on any console error or uncaught exception: broken islands and refused policies show there. */
export const test = base.extend<{ watched: void }>({
  watched: [
    async ({ page }, use) => {
      const errors: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(`${message.text()} (${message.location().url})`);
      });
      page.on('pageerror', (error) => errors.push(String(error)));
      await use();
      expect(errors, 'errors on the console').toEqual([]);
    },
    { auto: true },
  ],
});
export { expect };

export const isPlain = (): boolean => test.info().project.name === 'no-script';

/** Buys something in the shop; ends on the checkout page. */
export async function buy(page: Page, goods = 'teapot'): Promise<void> {
  await page.goto('/demo');
  await page.getByTestId(`buy-${goods}`).click();
  await expect(page).toHaveURL(/\/checkout\//);
}

export async function choose(page: Page, method: string): Promise<void> {
  await page.getByTestId(`method-${method}`).click();
}

/** Waits for a state of the checkout page; without scripts by asking again, as a payer would. */
export async function expectState(page: Page, state: string): Promise<void> {
  const shown = page.getByTestId('state').first();
  if (!isPlain()) {
    await expect(shown).toHaveAttribute('data-state', state);
    return;
  }
  await expect(async () => {
    if ((await shown.getAttribute('data-state', { timeout: 2000 })) !== state) {
      await page.getByTestId('check-again').first().click({ timeout: 2000 });
    }
    expect(await shown.getAttribute('data-state', { timeout: 2000 })).toBe(state);
  }).toPass({ timeout: 20_000 });
}

/** The payer is back from the provider: the checkout says paid, or the shop does, where the browser has gone on to it. */
export async function expectBackAndPaid(page: Page): Promise<void> {
  await page.waitForURL(/\/checkout\/|\/demo\/return/);
  // Without scripts the checkout stays where it is, and may have to be asked again.
  if (isPlain() && page.url().includes('/checkout/')) await expectState(page, 'paid');
  const said = '[data-testid="state"][data-state="paid"], [data-testid="shop-status"][data-status="paid"]';
  await expect(page.locator(said).first()).toBeVisible();
}

/** Fails on everything that axe can find against the rules of WCAG 2.2, A and AA. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
  expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(' ')}`), what).toEqual([]);
}

/** Reads the code off the screen, as a camera would. */
export async function scan(qr: Locator): Promise<string> {
  await expect(qr).toBeVisible();
  const { data, width, height } = PNG.sync.read(await qr.screenshot());
  const found = jsQR(new Uint8ClampedArray(data), width, height);
  if (!found) throw new Error('no code can be read from the screenshot');
  return found.data;
}

/** Pays a code in the simulated wallet; what the wallet answered. */
export async function pay(code: string, behaviour = 'ok', wallet = WALLET): Promise<Record<string, unknown>> {
  const answer = await fetch(`${wallet}/pay`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, behaviour }),
  });
  const text = await answer.text();
  return text.startsWith('{') ? JSON.parse(text) : { text };
}

export interface Keys {
  app_id: string;
  key: string;
}

let keys: Keys | undefined;

/** Runs the command line on the demo's data while the server runs; what it printed. */
export function cashier(args: string[], input = ''): any {
  const env = { ...process.env, CASHIER_DATA_DIR: 'results/data/demo' };
  return JSON.parse(execFileSync(process.env.CASHIER ?? 'cashier', [...args, '--json'], { env, input, encoding: 'utf8' }));
}

/** A merchant of the journeys' own. */
function merchant(): Keys {
  keys ??= cashier(['app', 'create', '--name', 'Journeys']) as Keys;
  return keys;
}

type Fields = Record<string, string | number>;

/** Calls the signed API; the answer's `data`. */
export async function api(baseURL: string, path: string, fields: Fields, by = merchant()): Promise<any> {
  const { app_id, key } = by;
  const nonce = randomBytes(12).toString('hex');
  const all: Fields = { ...fields, app_id, timestamp: Math.floor(Date.now() / 1000), nonce, sign_type: 'HMAC-SHA256' };
  const text = Object.keys(all)
    .sort()
    .map((name) => `${name}=${all[name]}`)
    .join('&');
  const sign = createHmac('sha256', key).update(text).digest('hex');
  const answer = await fetch(`${baseURL}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...all, sign }),
  });
  const body = await answer.json();
  expect(body.code, JSON.stringify(body)).toBe('000000');
  return body.data;
}

/** A new order through the API; its number and its checkout address. */
export async function order(baseURL: string, more: Fields = {}, by?: Keys): Promise<{ order_no: string; checkout_url: string }> {
  const out_order_no = `J-${randomBytes(8).toString('hex')}`;
  return api(baseURL, '/orders', { out_order_no, amount: 12800, subject: 'blue teapot', ...more }, by);
}

export async function orderNow(baseURL: string, order_no: string, by?: Keys): Promise<any> {
  return api(baseURL, '/orders/query', { order_no }, by);
}

/** Started and paid through the API, with no page open; its number. */
export async function paidOrder(baseURL: string, more: Fields = {}): Promise<string> {
  const { order_no } = await order(baseURL, more);
  const { next } = await api(baseURL, '/payments', { order_no, method: 'wechat_native' });
  expect((await pay(next.code_url)).ok).toBe(true);
  await expect(async () => expect((await orderNow(baseURL, order_no)).status).toBe('paid')).toPass();
  return order_no;
}

/** The panel's sections, below `/admin`; the first one is the overview. */
export const SECTIONS = ['', '/orders', '/refunds', '/cases', '/webhooks', '/notices', '/apps', '/channels', '/staff', '/audit'];

/** Signs in to the panel with the demo's administrator. */
export async function signIn(page: Page): Promise<void> {
  await page.goto('/demo');
  const name = await page.getByTestId('admin-name').innerText();
  const password = await page.getByTestId('admin-password').innerText();
  await page.goto('/admin/login');
  await page.locator('input[name="name"]').fill(name);
  await page.locator('input[name="password"]').fill(password);
  await page.locator("main form button").first().click();
  await expect(page).toHaveURL(/\/admin\/?$/);
}
