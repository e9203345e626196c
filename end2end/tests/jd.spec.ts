// A payer pays by JD. Tagged @plain: also with scripts off.
import { buy, choose, expect, expectBackAndPaid, expectState, isPlain, order, orderNow, pay, scan, test } from './play';

test('by JD on the web: the payer is sent to its cashier, pays, and comes back by a form @plain', async ({ page }) => {
  await buy(page, 'tea');
  await choose(page, 'jd_web');
  if (isPlain()) await page.getByTestId('go-on').click();
  await page.waitForURL(/\/jdpay\/payCashier/);
  await expect(page.getByTestId('amount')).toContainText('88.00');
  await page.getByTestId('pay').click();
  await expect(page.getByTestId('outcome')).toHaveAttribute('data-outcome', 'paid');
  await page.getByTestId('return-link').click();
  await expectBackAndPaid(page);
});

test('by JD: the code is scanned off the screen, the page turns to paid', async ({ page, baseURL }) => {
  const { checkout_url, order_no } = await order(baseURL!, { methods: 'jd_qr' });
  await page.goto(checkout_url);
  await expectState(page, 'waiting');
  const code = await scan(page.getByTestId('qr'));
  expect(code).toMatch(/^https:\/\/h5pay\.jd\.com\/code\?c=/);
  expect((await pay(code)).ok).toBe(true);
  await expectState(page, 'paid');
  expect((await orderNow(baseURL!, order_no)).status).toBe('paid');
});
