// A payer pays with QQ Wallet. Tagged @plain: also with scripts off.
import { buy, choose, expect, expectState, order, orderNow, pay, scan, test } from './play';

test('by QQ: the code is scanned off the screen and the page turns to paid @plain', async ({ page }) => {
  await buy(page);
  await choose(page, 'qq_native');
  await expectState(page, 'waiting');
  await expect(page.getByTestId('amount')).toContainText('128.00');
  const code = await scan(page.getByTestId('qr'));
  expect(code).toMatch(/\/qr\/[0-9a-f]{8}$/);
  expect((await pay(code)).ok).toBe(true);
  await expectState(page, 'paid');
});

test('a QQ payment in the wallet page itself reaches the order', async ({ page, baseURL }) => {
  const { checkout_url, order_no } = await order(baseURL!, { methods: 'qq_native' });
  await page.goto(checkout_url);
  await expectState(page, 'waiting');
  // What a telephone's browser opens when the code is followed as a link.
  await page.goto(await scan(page.getByTestId('qr')));
  await page.getByTestId('pay').click();
  await expect(page.getByTestId('outcome')).toHaveAttribute('data-outcome', 'paid');
  await expect(async () => expect((await orderNow(baseURL!, order_no)).status).toBe('paid')).toPass();
  await page.goto(checkout_url);
  await expectState(page, 'paid');
});
