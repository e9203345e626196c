// No accessibility violation that axe can find: on the checkout page in each of its states, and in the panel on the login, the
// sections, a page of each sort of thing and the forms. In both languages; what most payers see and all of the panel also in
// dark. The expired checkout is looked at where an order expires, in pay.spec.ts. Left out of the panel, for they take long to
// reach: new keys, a charge at the till, a provider's question about a refund.
import type { Page } from '@playwright/test';
import {
  SECTIONS, api, choose, expect, expectAccessible, expectState, order, orderNow, paidOrder, pay, scan, signIn, test,
} from './play';

const WECHAT = 'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Version/4.0 Chrome/116.0 Mobile Safari/537.36 MicroMessenger/8.0.42';
const LANGS = ['zh-CN', 'en'];

for (const lang of LANGS) {
  for (const scheme of ['light', 'dark'] as const) {
    test(`the checkout page in ${lang}, ${scheme}`, async ({ page, baseURL }) => {
      await page.emulateMedia({ colorScheme: scheme });
      const { checkout_url } = await order(baseURL!);
      await page.goto(`${checkout_url}?lang=${lang}`);
      await expect(page.locator('html')).toHaveAttribute('lang', lang);
      await expectAccessible(page, 'choose');
      await choose(page, 'wechat_native');
      await expectState(page, 'waiting');
      await expect(page.locator('html')).toHaveAttribute('lang', lang);
      await expectAccessible(page, 'waiting');
      await pay(await scan(page.getByTestId('qr')));
      await expectState(page, 'paid');
      await expectAccessible(page, 'paid');
    });
  }

  test(`the checkout page where nothing is paid, in ${lang}`, async ({ page, browser, baseURL }) => {
    test.setTimeout(120_000);
    const failing = await order(baseURL!, { methods: 'jd_qr,wechat_native' });
    await page.goto(`${failing.checkout_url}?lang=${lang}`);
    await choose(page, 'jd_qr');
    await pay(await scan(page.getByTestId('qr')), 'fail');
    await expectState(page, 'failed');
    await expectAccessible(page, 'failed');

    // Back from the provider, which has no money yet.
    const { order_no } = await order(baseURL!);
    const { pay_no } = await api(baseURL!, '/payments', { order_no, method: 'wechat_native' });
    await page.goto(`/return/${pay_no}`);
    await expectState(page, 'confirming');
    await expect(page.locator('html')).toHaveAttribute('lang', lang);
    await expectAccessible(page, 'confirming');

    const closed = await order(baseURL!);
    await api(baseURL!, '/orders/close', { order_no: closed.order_no });
    await page.goto(closed.checkout_url);
    await expectState(page, 'closed');
    await expectAccessible(page, 'closed');

    // WeChat's own browser opens no page of Alipay's: it shows how to go on in another one.
    const elsewhere = await order(baseURL!, { methods: 'alipay_wap' });
    const phone = await browser.newContext({ userAgent: WECHAT, viewport: { width: 360, height: 640 } });
    const inside = await phone.newPage();
    await inside.goto(`${elsewhere.checkout_url}?lang=${lang}`);
    await expect(inside.getByTestId('guide')).toBeVisible();
    await expectAccessible(inside, 'guide');
    await phone.close();
  });
}

/** What the panel's pages are about. */
interface Things {
  /** A paid order with a refund, a notice and a webhook. */
  paid: string;
  refund: string;
  /** An order that is open still, for which another amount came. */
  open: string;
  case_id: string;
}

async function make(baseURL: string): Promise<Things> {
  // The shop refuses the webhooks of another merchant: their pages show tries that went wrong.
  const paid = await paidOrder(baseURL, { notify_url: `${baseURL}/demo/hook` });
  const refund = { order_no: paid, out_refund_no: `R-${paid}`, amount: 2800, reason: 'broken lid' };
  const { refund_no } = await api(baseURL, '/refunds', refund);
  const { order_no: open } = await order(baseURL);
  const { next } = await api(baseURL, '/payments', { order_no: open, method: 'wechat_native' });
  expect((await pay(next.code_url, 'wrong_amount')).ok).toBe(true);
  await expect(async () => expect((await orderNow(baseURL, open)).cases).toHaveLength(1)).toPass({ timeout: 20_000 });
  const [{ case_id }] = (await orderNow(baseURL, open)).cases;
  return { paid, refund: refund_no, open, case_id };
}

let things: Promise<Things> | undefined;

/** The first address on this page that begins so. */
async function link(page: Page, begin: string): Promise<string> {
  return (await page.locator(`main a[href^="${begin}"]`).first().getAttribute('href'))!;
}

for (const [lang, scheme] of [['zh-CN', 'light'], ['en', 'light'], ['zh-CN', 'dark']] as const) {
  test(`the panel in ${lang}, ${scheme}`, async ({ page, baseURL }) => {
    test.setTimeout(240_000);
    await page.emulateMedia({ colorScheme: scheme });
    const look = async (path: string): Promise<void> => {
      const answer = await page.goto(`${path}?lang=${lang}`);
      expect(answer!.status(), path).toBe(200);
      await expect(page.locator('html')).toHaveAttribute('lang', lang);
      await expectAccessible(page, path);
    };
    await look('/admin/login');
    await signIn(page);
    for (const section of SECTIONS) await look(`/admin${section}`);

    // Forms that need nothing but themselves.
    for (const form of ['settings', 'till', 'apps/new', 'channels/new/alipay', 'staff/new', 'webhooks/redeliver']) {
      await look(`/admin/${form}`);
    }

    // A page of each thing, and the forms that are about one.
    const { paid, refund, open, case_id } = await (things ??= make(baseURL!));
    await page.goto('/admin/staff');
    await look(await link(page, '/admin/staff/staff_'));
    await look(`/admin/orders/${paid}`);
    const about = [];
    for (const begin of ['/admin/webhooks/', '/admin/notices/', '/admin/channels/ch_', '/admin/apps/app_']) {
      about.push(await link(page, begin));
    }
    for (const path of about) await look(path);
    const app = about.at(-1);
    for (const path of [`${app}/console`, `${app}/rotate/api`]) await look(path);
    for (const path of [`refunds/${refund}`, `cases/${case_id}`, `cases/${case_id}/none`, `orders/${open}/close`]) {
      await look(`/admin/${path}`);
    }

    // A form, and the same form with a rule broken.
    await look(`/admin/orders/${paid}/refund`);
    await page.locator('input[name="amount"]').fill('999.00');
    await page.locator('input[name="reason"]').fill('too much');
    await page.locator('main form button[type="submit"]').click();
    await expect(page.locator('main [role="alert"]').first()).toBeVisible();
    await expectAccessible(page, 'a refused form');
  });
}
