/** What servers say, in Chromium: it is text wherever it stands. */
import { expect, test } from "vitest";
import { gatewayStatus, upService } from "../../fixtures/page-samples.ts";
import { describePages, memory } from "../../fixtures/pages-in-chromium.ts";

describePages("a hostile server", (pages) => {
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
    pages.server.show(gatewayStatus([hostile]));
    const said = [
      { type: "text", text: MARKUP },
      { type: "text", text: JSON.stringify({ [MARKUP]: MARKUP }) },
      { type: "resource_link", uri: "javascript:document.title='run'", name: MARKUP },
      { type: "resource", resource: { uri: `https://example.org/${MARKUP}`, text: MARKUP } },
      { type: "image", mimeType: "image/svg+xml", data: btoa("<svg onload='document.title=1'/>") },
      { type: "image", mimeType: `image/png"${MARKUP}`, data: "AAAA" },
      { type: MARKUP },
    ];
    pages.answer = () => ({ result: { content: said, structuredContent: { [MARKUP]: MARKUP }, isError: true } });
    const page = await pages.visit("/memory");
    await page.locator(".tool > summary").first().click();
    await page.getByRole("button", { name: "Call the tool" }).click();
    await page.locator(".report").waitFor();
    pages.server.tell({ ...hostile, problem: `${MARKUP}!` });
    await expect.poll(() => page.locator("header > .problem").textContent()).toContain(`${MARKUP}!`);
    expect(await page.title()).toBe("memory");
    expect(await page.locator("main img, main script, main a[href^=javascript]").count()).toBe(0);
    expect(pages.errors).toEqual([]);
  });

  test("what turns the reading direction turns nothing beside it", async () => {
    pages.answer = () => ({
      result: { content: [{ type: "resource_link", uri: "https://evil.example/", name: "\u202egnp.elpmaxe" }] },
    });
    const page = await pages.visitTool();
    await page.getByLabel("name required").fill("Ada");
    await page.getByLabel("entityType").selectOption("person");
    await page.getByRole("button", { name: "Call the tool" }).click();
    const link = page.locator(".result .link");
    await link.waitFor();
    expect(await link.locator("a").evaluate((node) => getComputedStyle(node).unicodeBidi)).toBe("isolate");
    expect(await link.locator("code").textContent()).toBe("https://evil.example/");
  });
});
