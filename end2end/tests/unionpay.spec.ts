// A payer pays at UnionPay's own page and is brought back by a form that the browser posts.
import { buy, choose, expect, expectBackAndPaid, expectState, isPlain, order, orderNow, pay, scan, test } from './play';

test('by the UnionPay page: the payer is sent there, pays, and comes back to a paid order @plain', async ({ page }) => {
  await buy(page, 'tea');
  await choose(page, 'unionpay_web');
  if (isPlain()) await page.getByTestId('go-on').click();
  await expect(page).toHaveURL(/\/gateway\/api\/frontTransReq\.do/);
  await page.getByTestId('pay').click();
  await expect(page.getByTestId('state')).toHaveAttribute('data-state', 'paid');
  await page.getByTestId('return-link').click();
  await expectBackAndPaid(page);
});

test('by the UnionPay code: scanned off the screen and paid', async ({ page, baseURL }) => {
  const { checkout_url, order_no } = await order(baseURL!);
  await page.goto(checkout_url);
  await choose(page, 'unionpay_qr');
  await expectState(page, 'waiting');
  const code = await scan(page.getByTestId('qr'));
  expect(code).toMatch(/^https:\/\/qr\.95516\.com\//);
  expect((await pay(code)).ok).toBe(true);
  await expectState(page, 'paid');
  expect((await orderNow(baseURL!, order_no)).method).toBe('unionpay_qr');
});
