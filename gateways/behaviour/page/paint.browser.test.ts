/** How soon the page is there: a machine may be slow, so it is compared with a page that says one word. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { chromium as driver, type Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { chromium, chromiumFlags, withoutChromium } from "../../fixtures/chromium.ts";
import { test } from "../../fixtures/harness.ts";

if (chromium === undefined) console.log(`the first paint: skipped, ${withoutChromium}`);

const VISITS = 9;

/** A little under two and a half on a quiet machine; a page that waits for something of its server, or for its script, has more. */
const MOST_TIMES = 6;

/** In the page. */
const paint = () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime;

describe.skipIf(chromium === undefined)("in Chromium", () => {
  let browser: Browser;
  let almostEmpty: Server;

  beforeAll(async () => {
    browser = await driver.launch({ executablePath: chromium!, args: [...chromiumFlags] });
    almostEmpty = createServer((_, res) =>
      res.setHeader("content-type", "text/html").end("<!doctype html><title>x</title><p>hello"),
    ).listen(0, "127.0.0.1");
  });
  afterAll(async () => {
    await browser?.close();
    almostEmpty?.close();
  });

  /** Milliseconds from the request to the first text on the screen, of a browser that has never been there. */
  async function firstPaint(port: number): Promise<number> {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.waitForFunction(paint);
    const time = await page.evaluate(paint);
    await context.close();
    return time!;
  }

  test("the page is painted soon after one that is almost empty", async ({ start }) => {
    const { port } = await start({ hub: true, service: { isolation: "shared" } });
    const emptyPort = (almostEmpty.address() as AddressInfo).port;
    const times: { readonly ours: number; readonly empty: number }[] = [];
    for (let visit = 0; visit < VISITS; visit++)
      times.push({ ours: await firstPaint(port), empty: await firstPaint(emptyPort) });
    const best = (key: "ours" | "empty") => Math.min(...times.map((time) => time[key]));
    expect(best("ours") / best("empty")).toBeLessThan(MOST_TIMES);
  });
});
