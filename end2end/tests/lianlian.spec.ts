// A payer pays by LianLian's web gateway. Tagged @plain: also with scripts off.
import { buy, choose, expect, expectBackAndPaid, isPlain, order, orderNow, test } from './play';

test('by LianLian: the payer says who he is, is sent there, pays, and comes back by a form @plain', async ({ page }) => {
  await buy(page, 'tea');
  await choose(page, 'lianlian_web');
  await page.locator('#lianlian_web-user_name').fill('测试');
  await page.locator('#lianlian_web-id_no').fill('110101199003077715');
  await page.locator('form:has(#lianlian_web-id_no) button').click();
  if (isPlain()) await page.getByTestId('go-on').click();
  await page.waitForURL(/\/payment\/authpay\.htm/);
  await expect(page.getByTestId('amount')).toContainText('88.00');
  await page.getByTestId('pay').click();
  await expect(page.getByTestId('outcome')).toHaveAttribute('data-outcome', 'paid');
  await page.getByTestId('return-link').click();
  await expectBackAndPaid(page);
});

test('an order that brings the facts itself asks the payer nothing', async ({ page, baseURL }) => {
  const extra = JSON.stringify({ acct_name: '测试', id_no: '110101199003077715' });
  const { checkout_url, order_no } = await order(baseURL!, { methods: 'lianlian_web', user_id: 'u-1', extra });
  await page.goto(checkout_url);
  await page.waitForURL(/\/payment\/authpay\.htm/);
  await page.getByTestId('pay').click();
  await expect(page.getByTestId('outcome')).toHaveAttribute('data-outcome', 'paid');
  await expect(async () => {
    expect((await orderNow(baseURL!, order_no)).status).toBe('paid');
  }).toPass({ timeout: 20_000 });
});
