// What every page owes everybody: no accessibility violation that axe can find, in both languages.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { choose, expect, expectState, order, pay, scan, signIn, test } from './play';

async function expectAccessible(page: Page, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
  expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(' ')}`), what).toEqual([]);
}

for (const lang of ['zh-CN', 'en']) {
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

  test(`the panel in ${lang}`, async ({ page }) => {
    await signIn(page);
    for (const section of ['', '/orders', '/refunds', '/cases', '/webhooks', '/notices', '/apps', '/channels', '/staff', '/audit']) {
      await page.goto(`/admin${section}?lang=${lang}`);
      await expectAccessible(page, section);
    }
  });
}
