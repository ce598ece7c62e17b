/** Open pages in Chromium: what happens is drawn where it stands. */
import { expect, test } from "vitest";
import { gatewayStatus, upService } from "../../fixtures/page-samples.ts";
import { describePages, memory } from "../../fixtures/pages-in-chromium.ts";
import type { ServiceStatus } from "../status.ts";

describePages("an open page", (pages) => {
  const changed = (differing: Partial<ServiceStatus>) => pages.server.tell({ ...memory, ...differing });

  test("a change is drawn where it stands: what is open, focused and typed stays", async () => {
    const page = await pages.visitTool();
    await page.getByLabel("name required").fill("Ada");
    const before = await page.locator("#memory").elementHandle();
    changed({
      state: "failed",
      problem: "its server ended with code 1",
      details: { ...memory.details!, sessions: 7 },
    });
    await page.getByText("Its server ended with code 1.").waitFor();
    expect(await page.getByLabel("name required").inputValue()).toBe("Ada");
    expect(await page.getByLabel("name required").evaluate((node) => node === document.activeElement)).toBe(true);
    expect(await page.locator("#news").textContent()).toBe("memory is failed.");
    expect(await before?.evaluate((node) => node.isConnected)).toBe(true);
    expect(await page.locator("dd", { hasText: /^7$/ }).count()).toBe(1);
  });

  test("an event without tools leaves them as they are", async () => {
    const page = await pages.visit("/memory");
    await page.locator(".tool").first().waitFor();
    await expect.poll(() => page.evaluate(() => performance.getEntriesByType("resource").length)).toBeGreaterThan(0);
    const { tools: _tools, ...details } = memory.details!;
    changed({ details: { ...details, sessions: 9 } });
    await page.locator("dd", { hasText: /^9$/ }).waitFor();
    expect(await page.locator(".tool").count()).toBe(3);
  });

  test("a lost connection is said until it is back, and what happened meanwhile is then shown", async () => {
    const page = await pages.visit();
    await expect.poll(() => pages.server.listeners).toBe(1);
    pages.server.interrupt(true);
    await page.getByText("The connection to the gateway is lost").waitFor();
    pages.server.show(gatewayStatus([{ ...memory, state: "starting" }]));
    pages.server.interrupt(false);
    await page.getByText("The connection to the gateway is lost").waitFor({ state: "hidden" });
    await page.locator("#memory .state.starting").waitFor();
  });

  test("a service that is called like a part of the page changes like every other", async () => {
    const named = upService({ name: "content" });
    pages.server.show(gatewayStatus([named]));
    const page = await pages.visit("/content");
    await expect.poll(() => pages.server.listeners).toBe(1);
    pages.server.tell({ ...named, state: "starting" });
    await page.locator(".service > header .state.starting").waitFor();
  });

  const visitor = { isHere: false, isLoggedIn: true, csrf: "csrf-of-the-login" };

  test("a login that has ended, as with the gateway, is told, and what is there stays", async () => {
    pages.server.show({ ...gatewayStatus(), visitor });
    const page = await pages.visitTool();
    await page.getByLabel("name required").fill("Ada");
    await expect.poll(() => pages.server.listeners).toBe(1);
    pages.server.interrupt(true);
    await page.getByText("The connection to the gateway is lost").waitFor();
    const { details: _details, ...outline } = memory;
    pages.server.show({ ...gatewayStatus([outline]), visitor: { ...visitor, isLoggedIn: false } });
    pages.server.interrupt(false);
    await page.getByText("Your login has ended. Load the page again to log in.").waitFor();
    expect(await page.getByLabel("name required").inputValue()).toBe("Ada");
    await expect.poll(() => pages.server.listeners).toBe(0);
  });

  test("a gateway that was started again is called with its new proof", async () => {
    const page = await pages.visitTool();
    await expect.poll(() => pages.server.listeners).toBe(1);
    pages.server.interrupt(true);
    await page.getByText("The connection to the gateway is lost").waitFor();
    const again = gatewayStatus();
    pages.server.show({ ...again, visitor: { ...again.visitor, csrf: "csrf-of-the-next" } });
    pages.server.interrupt(false);
    await page.getByText("The connection to the gateway is lost").waitFor({ state: "hidden" });
    await expect.poll(() => page.locator("html").getAttribute("data-csrf")).toBe("csrf-of-the-next");
  });
});
