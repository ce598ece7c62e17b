/** Servers that reference SDK clients put up with are put up with here. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { child, test, until } from "../../fixtures/harness.ts";
import { ModernClient } from "../../fixtures/modern-client.ts";

const isolations = ["shared", "session"] as const;

const odd = (...flags: readonly string[]) => child(...flags).replace("child.ts", "odd-child.ts");

const refusals = [
  ["data.supported", '{"code":-32602,"message":"no","data":{"supported":["2025-03-26"],"requested":"x"}}'],
  ["data.supportedVersions", '{"code":-32600,"message":"no","data":{"supportedVersions":["2025-03-26"]}}'],
  ["its message", '{"code":-32000,"message":"Unsupported protocol version. Supported: 2025-03-26"}'],
  ["no place at all", '{"code":-32602,"message":"Unsupported protocol version"}'],
] as const;

for (const isolation of isolations) {
  for (const [place, error] of refusals) {
    test.concurrent(
      `a server that refuses newer revisions and names its own in ${place} starts, isolation ${isolation}`,
      async ({ start }) => {
        const command = odd("--versions", "2025-03-26", "--error", error);
        const running = await start({ command, service: { isolation } });
        expect([running.service.state, running.service.tools]).toEqual(["up", 1]);
        for (const version of ["2025-03-26", "2025-11-25"])
          expect(await (await running.open(version)).text("hello")).toBe("hello");
        expect(await new ModernClient(running).text("hello")).toBe("hello");
      },
    );
  }

  test.concurrent(
    `a server that knows no common revision is told with its own words, isolation ${isolation}`,
    async ({ start }) => {
      const error = '{"code":-32602,"message":"only 2024-10-07 here","data":{"supported":["2024-10-07"]}}';
      const running = await start({ command: odd("--versions", "none", "--error", error), service: { isolation } });
      expect(running.service.error).toMatch(/only 2024-10-07 here/);
      expect(running.log.join("")).not.toMatch(/does not answer/);
    },
  );
}

const oddities = [
  ["states no capabilities", { initialize: { result: { protocolVersion: "2025-06-18" } } }],
  ["states no name", { initialize: { result: { protocolVersion: "2025-06-18", capabilities: { tools: {} } } } }],
  [
    "answers initialize with fields that nobody knows and nulls where there could be objects",
    {
      initialize: {
        result: {
          protocolVersion: "2025-06-18",
          capabilities: null,
          serverInfo: null,
          instructions: null,
          vendor: [1],
        },
      },
    },
  ],
  [
    "answers with a revision that nobody knows",
    {
      initialize: {
        result: { protocolVersion: "2023-01-01", capabilities: { tools: {} }, serverInfo: { name: "o", version: "1" } },
      },
    },
  ],
  [
    "has tools without inputSchema, without a name, and null",
    { "tools/list": { result: { tools: [{ name: "a" }, {}, null] } } },
  ],
  [
    "states tools and does not know tools/list",
    { "tools/list": { error: { code: -32601, message: "Method not found" } } },
  ],
  ["fails to list its tools", { "tools/list": { error: { code: -32603, message: "no network" } } }],
  ["answers tools/list with something else", { "tools/list": { result: [] } }],
  ["does not know ping and logging/setLevel", { ping: { error: { code: -32601, message: "Method not found" } } }],
] as const;

for (const isolation of isolations) {
  for (const [what, answers] of oddities) {
    test.concurrent(`a server that ${what} can be used, isolation ${isolation}`, async ({ start }) => {
      const running = await start({ command: odd("--answers", JSON.stringify(answers)), service: { isolation } });
      expect(running.service.state).toBe("up");
      expect(await (await running.open("2025-06-18")).text("hello")).toBe("hello");
      expect(await new ModernClient(running).text("hello")).toBe("hello");
    });
  }

  test.concurrent(
    `a server that pings, logs and asks before it answers initialize can be used, isolation ${isolation}`,
    async ({ start }) => {
      const before = [
        { method: "notifications/message", params: { level: "info", data: "starting" } },
        { method: "notifications/unheard-of" },
        { method: "notifications/tools/list_changed" },
        { id: 1, method: "roots/list" },
      ];
      const running = await start({
        command: odd("--ping", "--before", JSON.stringify(before)),
        service: { isolation },
      });
      expect(running.service.state).toBe("up");
      expect(await (await running.open()).text("hello")).toBe("hello");
    },
  );

  test.concurrent(
    `a server whose list of tools fails at start is up with a warning, and is asked again, isolation ${isolation}`,
    async ({ start, onTestFinished }) => {
      const folder = mkdtempSync(join(tmpdir(), "unlisted-"));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const unlisted = join(folder, "offline");
      writeFileSync(unlisted, "");
      const { service, open, log, probe } = await start({
        command: odd("--unlisted", unlisted),
        service: { isolation },
      });
      expect([service.state, service.tools, (await probe("/ready")).status]).toEqual(["up", undefined, 200]);
      expect(log.some((line) => /"warn".*fetch failed: api\.example\.org.*does not list its tools/.test(line))).toBe(
        true,
      );
      const client = await open();
      expect((await client.request("tools/list")).error?.message).toBe("fetch failed: api.example.org");
      expect((await client.request("prompts/list")).result).toMatchObject({ prompts: [{ name: "p" }] });
      expect((await client.request("resources/list")).result).toMatchObject({ resources: [{ uri: "a:" }] });
      rmSync(unlisted);
      await until("the tools are listed", () => service.tools === 1);
    },
  );

  test.concurrent(
    `a start timeout above the request timeout counts for the start, isolation ${isolation}`,
    async ({ start }) => {
      const service = { isolation, requestTimeout: 300, startTimeout: 60_000 };
      const { service: started } = await start({ child: ["--slow", "1000"], service });
      expect(started.state).toBe("up");
    },
  );
}
