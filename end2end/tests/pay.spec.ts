// A payer pays. Tagged @plain: also with scripts off. Tagged @phone: on a phone.
import {
  api, buy, choose, expect, expectAccessible, expectBackAndPaid, expectState, isPlain, order, orderNow, pay, scan, test,
} from './play';

test('by WeChat: the code is scanned off the screen, the page turns to paid, the shop has the webhook @plain', async ({ page }) => {
  await buy(page);
  await expectState(page, 'choose');
  await choose(page, 'wechat_native');
  await expectState(page, 'waiting');
  await expect(page.getByTestId('amount')).toContainText('128.00');
  const code = await scan(page.getByTestId('qr'));
  expect(code).toMatch(/^weixin:\/\/wxpay\/bizpayurl\?pr=/);
  expect((await pay(code)).ok).toBe(true);
  await expectState(page, 'paid');
  await page.getByTestId('return-link').click();
  await expect(page.getByTestId('shop-status')).toHaveAttribute('data-status', 'paid');
  await expect(async () => {
    await page.reload();
    await expect(page.getByTestId('hook').first()).toContainText('order.paid', { timeout: 1000 });
  }).toPass();
  await expect(page.getByTestId('hook').first()).toContainText('验签通过');
});

test('by the Alipay page: the payer is sent there, pays, and comes back to a paid order @plain', async ({ page }) => {
  await buy(page, 'tea');
  await choose(page, 'alipay_page');
  if (isPlain()) await page.getByTestId('go-on').click();
  await expect(page).toHaveURL(/\/gateway\.do|\/cashier/);
  await page.locator('form button[type="submit"]').first().click();
  await expectBackAndPaid(page);
});

test('by the code of Alipay on a small screen: amount and code fit', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 640 });
  await buy(page);
  await choose(page, 'alipay_qr');
  await expectState(page, 'waiting');
  await page.waitForLoadState(); // measured before its styles are there, a page is longer
  for (const id of ['amount', 'qr']) {
    const box = await page.getByTestId(id).boundingBox();
    expect(box && box.y + box.height, `${id} is within the first screen`).toBeLessThanOrEqual(640);
  }
  expect((await pay(await scan(page.getByTestId('qr')))).ok).toBe(true);
  await expectState(page, 'paid');
});

test('without any notice the waiting page finds out by asking', async ({ page, baseURL }) => {
  const { checkout_url, order_no } = await order(baseURL!);
  await page.goto(checkout_url);
  await choose(page, 'wechat_native');
  expect((await pay(await scan(page.getByTestId('qr')), 'no_notice')).ok).toBe(true);
  await expectState(page, 'paid');
  expect((await orderNow(baseURL!, order_no)).payments[0].verified_by).toBe('query');
});

test('switching the method, there and back: the old code is dead, the new one pays once @plain', async ({ page, baseURL }) => {
  const { checkout_url, order_no } = await order(baseURL!);
  await page.goto(checkout_url);
  await choose(page, 'wechat_native');
  const old = await scan(page.getByTestId('qr'));
  await page.getByTestId('switch-method').click();
  await choose(page, 'alipay_qr');
  await expectState(page, 'waiting');
  expect(await scan(page.getByTestId('qr'))).toContain('alipay');
  await page.getByTestId('switch-method').click();
  await choose(page, 'wechat_native');
  await expectState(page, 'waiting');
  const fresh = await scan(page.getByTestId('qr'));
  expect(fresh).not.toBe(old);
  expect((await pay(old)).ok).not.toBe(true);
  expect((await pay(fresh)).ok).toBe(true);
  await expectState(page, 'paid');
  const now = await orderNow(baseURL!, order_no);
  expect(now.payments.filter((p: { status: string }) => p.status === 'succeeded')).toHaveLength(1);
  expect(now.cases).toHaveLength(0);
});

test('a payment that fails in the wallet leaves the order payable @plain', async ({ page, baseURL }) => {
  const { checkout_url } = await order(baseURL!);
  await page.goto(checkout_url);
  await choose(page, 'wechat_native');
  const code = await scan(page.getByTestId('qr'));
  expect((await pay(code, 'fail')).ok).not.toBe(true);
  await page.getByTestId('check-again').first().click();
  await expectState(page, 'waiting');
  expect((await pay(code)).ok).toBe(true);
  await expectState(page, 'paid');
});

test('one method left starts at once @plain', async ({ page, baseURL }) => {
  const { checkout_url } = await order(baseURL!, { methods: 'wechat_native' });
  await page.goto(checkout_url);
  await expectState(page, 'waiting');
  await expect(page.getByTestId('qr')).toBeVisible();
});

test('an order expires on the open page, and its code with it', async ({ page, baseURL }) => {
  test.setTimeout(120_000);
  const { checkout_url, order_no } = await order(baseURL!, { expires_in: 60 });
  await page.goto(checkout_url);
  await choose(page, 'alipay_qr');
  const code = await scan(page.getByTestId('qr'));
  await expect(page.getByTestId('state').first()).toHaveAttribute('data-state', 'expired', { timeout: 90_000 });
  expect((await pay(code)).ok).not.toBe(true);
  expect((await orderNow(baseURL!, order_no)).close_reason).toBe('expired');
  for (const lang of ['zh-CN', 'en']) {
    await page.goto(`${checkout_url}?lang=${lang}`);
    await expectState(page, 'expired');
    await expectAccessible(page, `expired, ${lang}`);
  }
});

test('money that comes after the close is said to go back', async ({ page, baseURL }) => {
  const { checkout_url, order_no } = await order(baseURL!);
  await page.goto(checkout_url);
  await choose(page, 'wechat_native');
  const code = await scan(page.getByTestId('qr'));
  await page.goto('/demo');
  await api(baseURL!, '/orders/close', { order_no });
  expect((await pay(code, 'late')).ok).toBe(true);
  await expect(async () => {
    const now = await orderNow(baseURL!, order_no);
    expect(now.cases.map((c: { kind: string }) => c.kind)).toEqual(['late']);
  }).toPass({ timeout: 20_000 });
  await page.goto(checkout_url);
  await expect(page.getByTestId('unexpected').first()).toBeVisible();
});

test('on a phone the browser is sent to the wallet @phone', async ({ page }) => {
  test.skip(test.info().project.name !== 'phone', 'this method is for phones');
  await buy(page);
  await choose(page, 'wechat_h5');
  await page.waitForURL(/checkmweb/);
});

test('an unknown link is explained @plain', async ({ request }) => {
  const answer = await request.get('/checkout/nothing-like-a-token', { headers: { accept: 'text/html' } });
  expect(answer.status()).toBe(404);
  expect(await answer.text()).toContain('</html>');
});
