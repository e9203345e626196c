// The API reference: readable on a phone and on a desk, in both languages, light and dark, with scripts off too.
import { expect, expectAccessible, test } from './play';

for (const [lang, scheme] of [['zh-CN', 'light'], ['en', 'light'], ['zh-CN', 'dark']] as const) {
  test(`the reference in ${lang}, ${scheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme });
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      await page.goto(`/docs?lang=${lang}`);
      await expect(page.locator('html')).toHaveAttribute('lang', lang);
      await expect(page.locator('.demo-banner')).toBeVisible();
      const spill = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(spill, `${width} px wide`).toBe(0);
      await expectAccessible(page, `/docs, ${width} px wide`);
    }
  });
}

test('the contents lead to the sections, the switch to the other language @plain', async ({ page }) => {
  await page.goto('/docs');
  await page.locator('.docs-contents a[href="#webhooks"]').click();
  await expect(page.locator('#webhooks')).toBeInViewport();
  await page.getByTestId('lang-switch').click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
});
