// A payer inside of Baidu's app pays; later asks Baidu for the money back, and staff decides.
import { SIMULATOR_PORT } from '../playwright.config';
import { api, expect, expectState, order, orderNow, pay, signIn, test } from './play';

async function paidInMiniProgram(baseURL: string): Promise<{ order_no: string; checkout_url: string; trade_no: string }> {
  const made = await order(baseURL, { methods: 'baidu_mini' });
  const started = await api(baseURL, '/payments', { order_no: made.order_no, method: 'baidu_mini' });
  expect(started.next.type).toBe('invoke');
  const receipt = await pay(JSON.stringify(started.next.params));
  expect(receipt.ok).toBe(true);
  await expect(async () => {
    expect((await orderNow(baseURL, made.order_no)).status).toBe('paid');
  }).toPass({ timeout: 20_000 });
  return { ...made, trade_no: String(receipt.trade_no) };
}

test('in the mini program: the bridge takes what the API gave, and the order is paid @plain', async ({ page, baseURL }) => {
  const { checkout_url, order_no, trade_no } = await paidInMiniProgram(baseURL!);
  await page.goto(checkout_url);
  await expectState(page, 'paid');
  const [payment] = (await orderNow(baseURL!, order_no)).payments;
  expect(payment.provider_trade_no).toBe(trade_no);
});

test('a refund that the payer asks Baidu for waits in the panel until staff approves it @plain', async ({ page, baseURL }) => {
  const { order_no, trade_no } = await paidInMiniProgram(baseURL!);
  const asked = await fetch(`http://127.0.0.1:${SIMULATOR_PORT}/baidu/orders/${trade_no}/refund`, { method: 'POST' });
  const number = String((await asked.json()).data.refundBatchId);
  await signIn(page);
  await expect(async () => {
    await page.goto('/admin/refunds');
    await expect(page.getByTestId('audits')).toBeVisible({ timeout: 1000 });
    await page.getByRole('link', { name: number }).first().click({ timeout: 1000 });
  }).toPass({ timeout: 20_000 });
  await page.getByTestId('verdict-approve').getByRole('button').click();
  await expect(page.getByTestId('status')).toHaveAttribute('data-status', 'approve');
  const [refund] = (await orderNow(baseURL!, order_no)).refunds;
  expect([refund.provider_refund_no, refund.amount]).toEqual([number, 12800]);
});
