// One code for all wallets, the wallets' own browsers behind it, and the till.
import { expect, expectState, order, orderNow, scan, signIn, test } from './play';
import { SIMULATOR_PORT } from '../playwright.config';

const ALIPAY = 'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36 AliApp(AP/10.5) AlipayClient/10.5.96';

test('one code for all: Alipay scans it and lands on its own way to pay the same order', async ({ page, browser, baseURL }) => {
  const { checkout_url, order_no } = await order(baseURL!);
  await page.goto(checkout_url);
  await page.getByTestId('method-one').click();
  const link = await scan(page.getByTestId('qr'));
  expect(link).toBe(`${checkout_url}?one=1`);
  const phone = await browser.newContext({ userAgent: ALIPAY, viewport: { width: 360, height: 640 } });
  const wallet = await phone.newPage();
  await wallet.goto(link);
  await expect(wallet.getByTestId('state')).toHaveAttribute('data-state', 'waiting');
  expect((await orderNow(baseURL!, order_no)).payments[0].method).toBe('alipay_jsapi');
  // The computer's page follows and says where it goes on.
  await expect(page.getByTestId('elsewhere')).toBeVisible();
  await phone.close();
});

test('one code for all with scripts off: single codes stay one tap away @plain', async ({ page, baseURL }) => {
  const { checkout_url } = await order(baseURL!);
  await page.goto(checkout_url);
  await page.getByTestId('method-one').click();
  await expect(page.getByTestId('qr')).toBeVisible();
  await page.getByTestId('method-wechat_native').click();
  await expectState(page, 'waiting');
  expect(await scan(page.getByTestId('qr'))).toMatch(/^weixin:/);
});

test('the till: amount, scan, password, paid @plain', async ({ page }) => {
  const ask = { kind: 'alipay', behaviour: 'password' };
  const headers = { 'content-type': 'application/json' };
  const wallet = `http://127.0.0.1:${SIMULATOR_PORT}/wallet/codes`;
  const { auth_code } = await (await fetch(wallet, { method: 'POST', headers, body: JSON.stringify(ask) })).json();
  await signIn(page);
  await page.goto('/admin/till');
  await page.locator('input[name="amount"]').fill('12.34');
  await page.locator('input[name="auth_code"]').fill(auth_code);
  await page.locator('input[name="auth_code"]').press('Enter');
  await expect(page.getByTestId('till-state')).toHaveAttribute('data-state', /waiting|paid/);
  await expect(page.getByTestId('till-state')).toHaveAttribute('data-state', 'paid', { timeout: 60_000 });
  await expect(page.getByTestId('till-amount')).toContainText('12.34');
  await page.getByTestId('till-next').click();
  await expect(page.locator('input[name="auth_code"]')).toHaveValue('');
});
