/** How much the pages weigh on their way: compressed for whoever reads that, and the same text for everybody. */
import { describe, expect } from "vitest";
import { test } from "../../fixtures/harness.ts";
import { ELSEWHERE, PageVisit } from "../../fixtures/page-visitor.ts";

/** Bytes. */
const MOST = 60_000;

const SETTINGS = { service: { isolation: "shared" }, hub: true } as const;

const BROWSER = { accept: "text/html", "accept-encoding": "gzip, deflate, br, zstd" };
const PLAIN = { ...BROWSER, "accept-encoding": "identity" };

/** As many tools as a large server has, each with a schema of its own. */
const tools = Array.from({ length: 60 }, (_, at) => ({
  name: `tool-${at}`,
  description: `Tool ${at} does ${"this and that ".repeat(40)}.`,
  inputSchema: { type: "object", properties: { [`field-${at}`]: { type: "string", description: "What it is about" } } },
}));

const bytesOf = ({ headers }: Response) => Number(headers.get("content-length"));

describe("for a browser", () => {
  test.for(["/", "/fixture/mcp"])("the whole page is at most 60 kB: %s", async (path, { start }) => {
    const { port } = await start({ ...SETTINGS, child: ["--list", JSON.stringify({ tools })] });
    const visit = new PageVisit(port);
    expect((await visit.service()).details?.tools).toHaveLength(tools.length);
    const response = await visit.fetch(path, { headers: BROWSER });
    expect([response.headers.get("content-encoding"), response.headers.get("vary")]).toEqual([
      "gzip",
      "Accept, Accept-Encoding, Origin",
    ]);
    expect(await response.text()).toContain(tools.at(-1)!.name);
    expect(bytesOf(response)).toBeLessThanOrEqual(MOST);
  });

  test("the status is compressed, too", async ({ start }) => {
    const { port } = await start({ ...SETTINGS, child: ["--list", JSON.stringify({ tools })] });
    const response = await new PageVisit(port).fetch("/_/status", { headers: BROWSER });
    const text = await response.text();
    expect(response.headers.get("content-encoding")).toBe("gzip");
    expect((JSON.parse(text) as { services: object[] }).services).toHaveLength(1);
    expect(bytesOf(response)).toBeLessThan(text.length / 4);
  });
});

describe("whoever does not read gzip", () => {
  test.for(["/", "/fixture/mcp"])("gets the same page as it is: %s", async (path, { start }) => {
    const { port } = await start({ ...SETTINGS, tokens: ["right-token-of-some-length"] });
    const visit = new PageVisit(port, ELSEWHERE); // whom nothing is told that changes between two requests
    const [plain, compressed] = [
      await visit.fetch(path, { headers: PLAIN }),
      await visit.fetch(path, { headers: BROWSER }),
    ];
    const text = await plain.text();
    expect(plain.headers.get("content-encoding")).toBeNull();
    expect(bytesOf(plain)).toBe(Buffer.byteLength(text));
    expect(await compressed.text()).toBe(text);
  });
});

test("HEAD tells the length, and sends nothing", async ({ start }) => {
  const { port } = await start(SETTINGS);
  const response = await new PageVisit(port).fetch("/fixture/mcp", { method: "HEAD", headers: BROWSER });
  expect([response.status, await response.text()]).toEqual([200, ""]);
  expect(bytesOf(response)).toBeGreaterThan(1_000);
});
