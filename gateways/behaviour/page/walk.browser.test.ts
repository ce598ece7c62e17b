/** The page of a real gateway in Chromium: a stranger logs in, opens a service, tries a tool, and reads the result. */
import { chromium as driver, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { chromium, chromiumFlags, withoutChromium } from "../../fixtures/chromium.ts";
import { test } from "../../fixtures/harness.ts";
import { ELSEWHERE } from "../../fixtures/page-visitor.ts";

if (chromium === undefined) console.log(`the page of a real gateway: skipped, ${withoutChromium}`);

const TOKEN = "right-token-of-some-length";

let browser: Browser;

async function tryEcho(page: Page): Promise<void> {
  await page.getByText("echo", { exact: true }).click();
  const form = page.getByRole("form", { name: "Try echo" });
  await form.waitFor();
  await page.getByRole("button", { name: "Write JSON instead" }).click();
  await form.getByRole("textbox").fill(`{"text":"back from the tool"}`);
  await page.getByRole("button", { name: "Call the tool" }).click();
  await page.locator(".report .result", { hasText: "back from the tool" }).waitFor();
}

describe.skipIf(chromium === undefined)("in Chromium", () => {
  beforeAll(async () => {
    browser = await driver.launch({ executablePath: chromium!, args: [...chromiumFlags] });
  });
  afterAll(() => browser?.close());

  test("who is on this machine tries a tool, and sees the call counted without loading the page again", async ({
    start,
  }) => {
    const { port } = await start({ hub: true, service: { isolation: "shared" } });
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on("pageerror", ({ message }) => errors.push(message));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.getByRole("heading", { name: "fixture" }).click();
    await tryEcho(page);
    await page.getByText("1 call in the last hour, none failed").waitFor();
    expect(errors).toEqual([]);
    await page.close();
  });

  test("a stranger sees that a token is asked for, logs in with it, tries a tool, and logs out", async ({ start }) => {
    const { port } = await start({ hub: true, service: { isolation: "shared" }, tokens: [TOKEN] });
    const context = await browser.newContext({ extraHTTPHeaders: ELSEWHERE });
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${port}/`);
    expect(await page.locator(".tool").count()).toBe(0);
    await page.getByLabel("Token").fill("another-token-of-some-length");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByText("This token opens nothing here.").waitFor();
    await page.getByLabel("Token").fill(TOKEN);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("button", { name: "Log out" }).waitFor();
    await page.goto(`http://127.0.0.1:${port}/fixture`);
    await tryEcho(page);
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByLabel("Token").waitFor();
    expect(await context.cookies()).toEqual([]);
    await context.close();
  });
});
