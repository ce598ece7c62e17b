/** The pages in Chromium: what a reader sees and does, on a large and on a small screen, in light and in dark. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import axe from "axe-core";
import { chromium as driver, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { chromium, chromiumFlags, withoutChromium } from "../../fixtures/chromium.ts";
import { gatewayStatus, upService } from "../../fixtures/page-samples.ts";
import { servePage, type PageServer } from "../../fixtures/page-server.ts";
import { qrCode } from "../qr-code.ts";
import type { CallRequest, ServiceStatus } from "../status.ts";
import { connectView } from "../view/connect.ts";

if (chromium === undefined) console.log(`the page: skipped, ${withoutChromium}`);

/** Where pictures of the pages are kept; undefined = nowhere. */
const pictures = process.env["GANGWAY_PAGE_PICTURES"];

const memory = upService();
const config = (title: string) => ({
  title,
  file: "~/.client.json",
  text: `{ "url": "${memory.url}" }`,
  command: `client add ${memory.url}`,
});
const clients = ["Claude Code", "Claude Desktop", "Cursor", "VS Code", "Codex", "Gemini CLI", "Zed", "Goose"].map(
  config,
);

let browser: Browser;
let server: PageServer;
let answer: (request: CallRequest) => object;
const open: Page[] = [];
const errors: string[] = [];

const changed = (differing: Partial<ServiceStatus>) => server.tell({ ...memory, ...differing });

async function visit(path = "/", options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  open.push(page);
  page.on("pageerror", ({ message }) => errors.push(message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(server.url + path);
  return page;
}

/** Opens the first tool of a service's page. */
async function visitTool(options: BrowserContextOptions = {}): Promise<Page> {
  const page = await visit("/memory", options);
  await page.locator(".tool > summary").first().click();
  await page.locator(".try form").first().waitFor();
  return page;
}

describe.skipIf(chromium === undefined)("the page", () => {
  beforeAll(async () => {
    browser = await driver.launch({ executablePath: chromium!, args: [...chromiumFlags] });
    server = await servePage((request) => answer(request), connectView(memory, { configs: clients, variable: "GANGWAY_TOKEN_MEMORY", qr: await qrCode(memory.url) }));
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  beforeEach(() => {
    server.show(gatewayStatus());
    server.calls.length = 0;
    errors.length = 0;
    answer = () => ({
      result: { content: [{ type: "text", text: `{"created":1}` }], structuredContent: { created: 1 } },
    });
  });
  afterEach(async () => {
    for (const page of open.splice(0)) await page.context().close();
  });

  const states: Record<string, (options: BrowserContextOptions) => Promise<Page>> = {
    "all services": (options) => visit("/", options),
    starting: (options) => visit("/playwright", options),
    up: (options) => visit("/memory", options),
    failed: (options) => visit("/postgres", options),
    tool: async (options) => {
      const page = await visitTool(options);
      await page.getByLabel("name required").fill("Ada");
      await page.getByLabel("entityType").selectOption("person");
      await page.getByRole("button", { name: "Call the tool" }).click();
      await page.locator(".report").waitFor();
      return page;
    },
    wrong: async (options) => {
      const page = await visitTool(options);
      await page.getByRole("button", { name: "Call the tool" }).click();
      return page;
    },
    connect: async (options) => {
      const page = await visit("/memory#connect", options);
      await page.getByText("Claude Code", { exact: true }).click();
      await page.getByText("QR code, for a phone").click();
      return page;
    },
    login: (options) => {
      const { name, state, url, asksForToken } = memory;
      const stranger = { ...gatewayStatus([{ name, state, url, asksForToken, mayCall: false }]) };
      server.show({ ...stranger, visitor: { isHere: false, isLoggedIn: false, csrf: "" } });
      return visit("/?login=This+token+opens+nothing+here.", options);
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
        expect(errors).toEqual([]);
      });
    });
  });

  test("a tool is tried with the keyboard alone, and its result is where the keyboard then is", async () => {
    const page = await visit();
    const { keyboard } = page;
    const focused = () => page.evaluate(() => document.activeElement!.textContent.trim());
    const tabTo = async (text: RegExp) => {
      for (let presses = 0; presses < 60; presses++) {
        await keyboard.press("Tab");
        if (text.test(await focused())) return;
      }
      throw new Error(`the keyboard does not get to ${text}`);
    };
    await keyboard.press("Tab");
    expect(await focused()).toBe("Skip to the content");
    await keyboard.press("Enter");
    await tabTo(/^memory/);
    await keyboard.press("Enter");
    await tabTo(/^search_nodes/);
    await keyboard.press("Enter");
    await page.locator(".try form").waitFor();
    await keyboard.press("Tab");
    await keyboard.type("Ada");
    await tabTo(/^Call the tool/);
    await keyboard.press("Enter");
    await page.locator(".report").waitFor();
    expect(server.calls).toEqual([{ service: "memory", tool: "search_nodes", arguments: { query: "Ada" } }]);
    await expect.poll(focused).toMatch(/^Result after 12 ms/);
  });

  test("what is wrong is said beside its field, which gets the focus, and nothing is called", async () => {
    const page = await visitTool();
    await page.getByRole("button", { name: "Call the tool" }).click();
    const input = page.getByLabel("name required");
    expect(await input.evaluate((node) => node === document.activeElement)).toBe(true);
    const description = await input.evaluate((node) =>
      node
        .getAttribute("aria-describedby")!
        .split(" ")
        .map((id) => document.getElementById(id)?.textContent),
    );
    expect([await input.getAttribute("aria-invalid"), description]).toEqual([
      "true",
      ["The name of the entity", "Enter a value."],
    ]);
    expect(server.calls).toEqual([]);
  });

  test("without scripts it tells everything, and offers nothing that would not work", async () => {
    const page = await visit("/memory", { javaScriptEnabled: false });
    await page.locator(".tool > summary").first().click();
    const text = await page.locator("body").innerText();
    for (const shown of [
      "up",
      "2026.8.31",
      "563 calls in the last hour, 6 failed",
      "create_entities",
      "Create multiple new entities",
    ])
      expect(text).toContain(shown);
    expect(await page.locator("button:visible").count()).toBe(0);
    await page.getByText("Claude Code", { exact: true }).click();
    expect(await page.locator("body").innerText()).toContain(`client add ${memory.url}`);
  });

  describe("live", () => {
    test("a change is drawn where it stands: what is open, focused and typed stays", async () => {
      const page = await visitTool();
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
      const page = await visit("/memory");
      await page.locator(".tool").first().waitFor();
      await expect.poll(() => page.evaluate(() => performance.getEntriesByType("resource").length)).toBeGreaterThan(0);
      const { tools: _tools, ...details } = memory.details!;
      changed({ details: { ...details, sessions: 9 } });
      await page.locator("dd", { hasText: /^9$/ }).waitFor();
      expect(await page.locator(".tool").count()).toBe(3);
    });

    test("a lost connection is said until it is back, and what happened meanwhile is then shown", async () => {
      const page = await visit();
      await expect.poll(() => server.listeners).toBe(1);
      server.interrupt(true);
      await page.getByText("The connection to the gateway is lost").waitFor();
      server.show(gatewayStatus([{ ...memory, state: "starting" }]));
      server.interrupt(false);
      await page.getByText("The connection to the gateway is lost").waitFor({ state: "hidden" });
      await page.locator("#memory .state.starting").waitFor();
    });
  });

  const MARKUP = `<img src=x onerror="document.title='run'"><script>document.title='run'</script>`;

  test("what a server says is text wherever it stands, and nothing of it runs", async () => {
    const properties = {
      [MARKUP]: { type: "string", title: MARKUP, description: MARKUP, enum: [MARKUP] },
    };
    const tool = {
      name: MARKUP,
      title: MARKUP,
      description: MARKUP,
      inputSchema: { type: "object", properties },
      outputSchema: { title: MARKUP },
    };
    const details = { ...memory.details!, version: MARKUP, log: [MARKUP], tools: [tool] };
    const hostile = upService({ problem: MARKUP, remedy: MARKUP, details });
    server.show(gatewayStatus([hostile]));
    const said = [
      { type: "text", text: MARKUP },
      { type: "text", text: JSON.stringify({ [MARKUP]: MARKUP }) },
      { type: "resource_link", uri: "javascript:document.title='run'", name: MARKUP },
      { type: "resource", resource: { uri: `https://example.org/${MARKUP}`, text: MARKUP } },
      { type: "image", mimeType: "image/svg+xml", data: btoa("<svg onload='document.title=1'/>") },
      { type: "image", mimeType: `image/png"${MARKUP}`, data: "AAAA" },
      { type: MARKUP },
    ];
    answer = () => ({ result: { content: said, structuredContent: { [MARKUP]: MARKUP }, isError: true } });
    const page = await visit("/memory");
    await page.locator(".tool > summary").first().click();
    await page.getByRole("button", { name: "Call the tool" }).click();
    await page.locator(".report").waitFor();
    server.tell({ ...hostile, problem: `${MARKUP}!` });
    await expect.poll(() => page.locator("header > .problem").textContent()).toContain(`${MARKUP}!`);
    expect(await page.title()).toBe("memory");
    expect(await page.locator("main img, main script, main a[href^=javascript]").count()).toBe(0);
    expect(errors).toEqual([]);
  });

  test("it loads nothing but itself, and is at most 60 kB", async () => {
    const page = await visit();
    const requests: string[] = [];
    page.on("request", (request) => requests.push(new URL(request.url()).pathname));
    const loaded = await page.reload();
    await expect.poll(() => requests).toContain("/_/events");
    expect(requests.toSorted()).toEqual(["/", "/_/events", "/_/status"]);
    expect((await loaded!.body()).length).toBeLessThanOrEqual(60_000);
  });
});
