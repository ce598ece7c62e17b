/** The pages in Chromium: what a reader sees and does. */
import { expect, test } from "vitest";
import { deferred } from "../../deferred.ts";
import { describePages, memory } from "../../fixtures/pages-in-chromium.ts";

describePages("the page", (pages) => {
  test("a tool is tried with the keyboard alone, and its result is where the keyboard then is", async () => {
    const page = await pages.visit();
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
    expect(pages.server.calls).toEqual([{ service: "memory", tool: "search_nodes", arguments: { query: "Ada" } }]);
    await expect.poll(focused).toMatch(/^Result after 12 ms/);
  });

  test("what is wrong is said beside its field, which gets the focus, and nothing is called", async () => {
    const page = await pages.visitTool();
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
    expect(pages.server.calls).toEqual([]);
  });

  test("without scripts it tells everything, and offers nothing that would not work", async () => {
    const page = await pages.visit("/memory", { javaScriptEnabled: false });
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

  test("it is painted before anything else is loaded, and loads nothing but itself", async () => {
    const page = await pages.visit();
    await expect.poll(() => pages.server.listeners).toBe(1);
    const requests: string[] = [];
    const held = deferred<void>();
    await page.route("**/_/*", async (route) => {
      requests.push(new URL(route.request().url()).pathname);
      await held.promise;
      await route.continue();
    });
    await page.reload();
    await expect.poll(() => requests.toSorted()).toEqual(["/_/events", "/_/status"]);
    const painted = () => page.evaluate(() => performance.getEntriesByType("paint").length);
    await expect.poll(painted).toBeGreaterThan(0);
    const loaded = await page.evaluate(() =>
      performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname),
    );
    expect(loaded.filter((path) => !path.startsWith("/_/"))).toEqual([]);
    held.resolve();
    await page.unrouteAll({ behavior: "wait" });
  });
});
