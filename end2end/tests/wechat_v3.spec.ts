// A payer pays by WeChat, at a merchant whose WeChat channel speaks API v3 to a simulated provider of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { SIMULATOR_PORT } from '../playwright.config';
import { api, cashier, expect, expectState, type Keys, order, orderNow, pay, scan, test } from './play';

const AT = `127.0.0.1:${SIMULATOR_PORT + 1}`;
const WALLET = `http://${AT}/wallet`;

let provider: ChildProcess;
let by: Keys;
let channel: string;

test.beforeAll(async () => {
  const how = ['simulate', '--listen', AT, '--seed', '7', '--notice-speed', '20', '--print-credentials'];
  provider = spawn(process.env.CASHIER ?? 'cashier', how, { stdio: ['ignore', 'pipe', 'inherit'] });
  const printed = await new Promise<string>((resolve) => createInterface({ input: provider.stdout! }).once('line', resolve));
  const document = JSON.parse(printed).find((d: { kind: string }) => d.kind === 'wechat_v3');
  by = cashier(['app', 'create', '--name', 'WeChat v3']) as Keys;
  const own = { ...document, name: 'Journey', app_id: by.app_id, priority: 1 };
  channel = cashier(['channel', 'import', '-'], JSON.stringify(own)).channel_id;
});

test.afterAll(() => {
  provider.kill();
});

test('by WeChat over API v3: scanned off the screen and paid @plain', async ({ page, baseURL }) => {
  const { checkout_url, order_no } = await order(baseURL!, { methods: 'wechat_native' }, by);
  await page.goto(checkout_url);
  await expectState(page, 'waiting');
  const code = await scan(page.getByTestId('qr'));
  expect(code).toMatch(/^weixin:\/\/pay\.weixin\.qq\.com\//);
  expect((await pay(code, 'ok', WALLET)).ok).toBe(true);
  await expectState(page, 'paid');
  const [payment] = (await orderNow(baseURL!, order_no, by)).payments;
  expect([payment.channel_id, payment.status]).toEqual([channel, 'succeeded']);
});

test('a notice with a wrong signature does not pay; the good one after it does', async ({ page, baseURL }) => {
  const { checkout_url, order_no } = await order(baseURL!, { methods: 'wechat_native' }, by);
  // Started and paid with no page open: a waiting page would ask the provider, and might be the first to know.
  const { next } = await api(baseURL!, '/payments', { order_no, method: 'wechat_native' }, by);
  expect((await pay(next.code_url, 'bad_signature', WALLET)).ok).toBe(true);
  await expect(async () => expect((await orderNow(baseURL!, order_no, by)).status).toBe('paid')).toPass();
  const { cases, payments } = await orderNow(baseURL!, order_no, by);
  expect(cases).toHaveLength(0);
  expect(payments.map((payment: { verified_by: string }) => payment.verified_by)).toEqual(['notice']);
  await page.goto(checkout_url);
  await expectState(page, 'paid');
});

test('on a phone the browser is sent to the wallet @phone', async ({ page, baseURL }) => {
  test.skip(test.info().project.name !== 'phone', 'this method is for phones');
  const { checkout_url } = await order(baseURL!, { methods: 'wechat_h5' }, by);
  await page.goto(checkout_url);
  await page.waitForURL(/checkmweb/);
  await page.getByTestId('open-wallet').click();
  await expect(page).toHaveURL(/\/wallet\?code=/);
  await expect(page.locator('body')).toContainText('128.00');
});
