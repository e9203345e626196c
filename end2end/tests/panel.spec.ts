// Staff at work. Everything here works with scripts off as well.
import { SECTIONS, api, buy, choose, expect, expectState, order, orderNow, paidOrder, pay, scan, signIn, test } from './play';

test('a wrong password gets no hint, the right one gets in, signing out ends it @plain', async ({ page }) => {
  await page.goto('/admin/orders');
  await expect(page).toHaveURL(/\/admin\/login/);
  await page.locator('input[name="name"]').fill('nobody');
  await page.locator('input[name="password"]').fill('not the password at all');
  await page.locator('main form button').first().click();
  await expect(page).toHaveURL(/\/admin\/login/);
  await expect(page.locator('[role="alert"]').first()).toBeVisible();
  await signIn(page);
  await page.getByTestId('sign-out').click();
  await page.goto('/admin/orders');
  await expect(page).toHaveURL(/\/admin\/login/);
});

test('a refund from the panel: the amount is prefilled, the money goes back, the order says so @plain', async ({ page, baseURL }) => {
  const order_no = await paidOrder(baseURL!);
  await signIn(page);
  await page.goto(`/admin/orders/${order_no}/refund`);
  await expect(page.locator('input[name="amount"]')).toHaveValue('128.00');
  await page.locator('input[name="amount"]').fill('28.00');
  await page.locator('input[name="reason"]').fill('broken lid');
  await page.locator('main form button[type="submit"]').click();
  await expect(async () => {
    const now = await orderNow(baseURL!, order_no);
    expect([now.refund_status, now.refunded_amount]).toEqual(['partial', 2800]);
  }).toPass({ timeout: 30_000 });
  await page.goto(`/admin/orders/${order_no}/refund`);
  await expect(page.locator('input[name="amount"]')).toHaveValue('100.00');
});

test('a refund above what is left is refused with the rule, and nothing is lost @plain', async ({ page, baseURL }) => {
  const order_no = await paidOrder(baseURL!);
  await signIn(page);
  await page.goto(`/admin/orders/${order_no}/refund`);
  await page.locator('input[name="amount"]').fill('128.01');
  await page.locator('input[name="reason"]').fill('too much');
  await page.locator('main form button[type="submit"]').click();
  await expect(page.locator('[role="alert"], .error, [aria-invalid="true"]').first()).toBeVisible();
  expect((await orderNow(baseURL!, order_no)).refunds).toHaveLength(0);
});

test('a webhook is sent again by hand, with the same id @plain', async ({ page }) => {
  await buy(page, 'spoon');
  await choose(page, 'wechat_native');
  expect((await pay(await scan(page.getByTestId('qr')))).ok).toBe(true);
  await expectState(page, 'paid');
  await page.getByTestId('return-link').click();
  await expect(page.getByTestId('shop-status')).toHaveAttribute('data-status', 'paid');
  const shop = page.url();
  // The ids of all webhooks that the shop has received about this order.
  const received = async (): Promise<string[]> => {
    await page.goto(shop);
    return page.getByTestId('hook').locator('p code').allTextContents();
  };
  await expect(async () => expect(await received()).toHaveLength(1)).toPass();
  const [id] = await received();
  await signIn(page);
  await page.goto(`/admin/webhooks?q=${id}`);
  await page.locator(`tbody a[href="/admin/webhooks/${id}"]`).click();
  await expect(page).toHaveURL(`/admin/webhooks/${id}`);
  const tries = page.locator('ol.tries > li');
  const expectTries = (count: number): Promise<void> =>
    expect(async () => {
      await page.goto(`/admin/webhooks/${id}`);
      await expect(tries).toHaveCount(count, { timeout: 1000 });
      await expect(tries.getByText('204', { exact: true })).toHaveCount(count, { timeout: 1000 });
    }).toPass();
  await expectTries(1);
  await page.locator('form[action*="redeliver"] button').click();
  await expect(page.getByTestId('done')).toBeVisible();
  await expectTries(2);
  expect(await received()).toEqual([id, id]);
});

test('closing an order from the panel asks first and closes it at the provider @plain', async ({ page, baseURL }) => {
  const { order_no } = await order(baseURL!);
  const { next } = await api(baseURL!, '/payments', { order_no, method: 'wechat_native' });
  await signIn(page);
  await page.goto(`/admin/orders/${order_no}/close`);
  await page.locator('main form button[type="submit"]').last().click();
  await expect(async () => expect((await orderNow(baseURL!, order_no)).status).toBe('closed')).toPass();
  expect((await pay(next.code_url)).ok).not.toBe(true);
});

test('every section opens, on a desk and on a phone', async ({ page }) => {
  await signIn(page);
  for (const size of [{ width: 1280, height: 800 }, { width: 360, height: 640 }]) {
    await page.setViewportSize(size);
    for (const section of SECTIONS) {
      const answer = await page.goto(`/admin${section}`);
      expect(answer!.status(), section).toBe(200);
      await expect(page.locator('h1')).toBeVisible();
      const spill = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(spill, `${section} spills sideways at ${size.width}`).toBeLessThanOrEqual(0);
    }
  }
});
