/** Every state of the pages, on a large and on a small screen, in light and in dark: each is accessible, and fits. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import axe from "axe-core";
import type { BrowserContextOptions, Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { gatewayStatus } from "../../fixtures/page-samples.ts";
import { describePages, memory } from "../../fixtures/pages-in-chromium.ts";

/** Where pictures of the pages are kept; undefined = nowhere. */
const pictures = process.env["GANGWAY_PAGE_PICTURES"];

describePages("every state of the page", (pages) => {
  const states: Record<string, (options: BrowserContextOptions) => Promise<Page>> = {
    "all services": (options) => pages.visit("/", options),
    starting: (options) => pages.visit("/playwright", options),
    up: (options) => pages.visit("/memory", options),
    failed: (options) => pages.visit("/postgres", options),
    tool: async (options) => {
      const page = await pages.visitTool(options);
      await page.getByLabel("name required").fill("Ada");
      await page.getByLabel("entityType").selectOption("person");
      await page.getByRole("button", { name: "Call the tool" }).click();
      await page.locator(".report").waitFor();
      return page;
    },
    wrong: async (options) => {
      const page = await pages.visitTool(options);
      await page.getByRole("button", { name: "Call the tool" }).click();
      return page;
    },
    connect: async (options) => {
      const page = await pages.visit("/memory#connect", options);
      await page.getByText("Claude Code", { exact: true }).click();
      await page.getByText("QR code, for a phone").click();
      return page;
    },
    login: (options) => {
      const { name, state, url, asksForToken } = memory;
      const stranger = { ...gatewayStatus([{ name, state, url, asksForToken, mayCall: false }]) };
      pages.server.show({ ...stranger, visitor: { isHere: false, isLoggedIn: false, csrf: "" } });
      return pages.visit("/?login=This+token+opens+nothing+here.", options);
    },
  };

  describe.each(["light", "dark"] as const)("in %s", (colorScheme) => {
    describe.each([1280, 360])("at a width of %i", (width) => {
      test.each(Object.keys(states))("is accessible and fits: %s", async (state) => {
        const page = await states[state]!({ colorScheme, viewport: { width, height: 800 }, reducedMotion: "reduce" });
        if (pictures !== undefined) {
          mkdirSync(pictures, { recursive: true });
          const path = join(pictures, `${state.replaceAll(" ", "-")}-${colorScheme}-${width}.png`);
          await page.screenshot({ path, fullPage: true });
        }
        await page.evaluate(axe.source);
        const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
        expect(violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
        expect(pages.errors).toEqual([]);
      });
    });
  });
});
