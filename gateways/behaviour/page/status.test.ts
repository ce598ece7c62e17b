/** What the page shows of the services, and to whom. */
import { describe, expect } from "vitest";
import { test, until } from "../../fixtures/harness.ts";
import { ELSEWHERE, PageVisit } from "../../fixtures/page-visitor.ts";

const TOKEN = "right-token-of-some-length";
const SHARED = { isolation: "shared" } as const;

const sum = (counts: readonly number[] = []) => counts.reduce((all, count) => all + count, 0);

describe("on this machine", () => {
  test.for([false, true])("everything is shown, hub %s", async (hub, { start }) => {
    const { port } = await start({ service: SHARED, hub });
    const { gateway, visitor, services } = await new PageVisit(port).status();
    expect(gateway.version).toMatch(/^\d/);
    expect(Date.parse(gateway.startedAt)).toBeLessThanOrEqual(Date.now());
    expect(visitor).toMatchObject({ isHere: true, isLoggedIn: false, csrf: expect.stringMatching(/^[\w-]{43}$/) });
    const url = `http://127.0.0.1:${port}${hub ? "/fixture" : ""}/mcp`;
    expect(services).toMatchObject([{ name: "fixture", state: "up", url, asksForToken: false, mayCall: true }]);
    const [{ details }] = services as [(typeof services)[0]];
    expect(details).toMatchObject({ version: "1", isolation: "shared", sessions: 0, processes: 1, restarts: 0 });
    expect(details?.tools?.map(({ name }) => name)).toContain("echo");
    expect(details?.minutes.calls).toHaveLength(60);
  });

  test.for([
    ["/mcp/all", "/mcp/all"],
    ["/gateway/", "/gateway"],
    ["//elsewhere.example", ""],
    ['/"><script>', ""],
    ["/a b", ""],
  ] as const)(
    "behind a proxy that takes %j off the path, the URL has it again: %j",
    async ([told, shown], { start }) => {
      const { port } = await start({ service: SHARED, hub: true });
      const visit = new PageVisit(port, { "x-forwarded-prefix": told });
      expect((await visit.service()).url).toBe(`http://127.0.0.1:${port}${shown}/fixture/mcp`);
    },
  );

  test.for(["shared", "session"] as const)(
    "listing the tools leaves no process behind, isolation %s",
    async (isolation, { start, roll }) => {
      const { port } = await start({ service: { isolation }, child: ["--roll", roll.folder] });
      const visit = new PageVisit(port);
      expect((await visit.service()).details?.tools).not.toHaveLength(0);
      // The one that all share, or the one that is kept warm.
      await until("the process that was asked has ended", () => roll.living.length === 1);
      expect((await visit.service()).details?.sessions).toBe(0);
    },
  );

  test.for(["legacy", "modern"] as const)(
    "calls count, and those that fail as errors, in the %s era",
    async (era, { start }) => {
      const { port, open } = await start({ service: SHARED });
      const visit = new PageVisit(port);
      if (era === "legacy") {
        const client = await open();
        await client.tool("echo");
        await client.tool("no-such-tool");
      } else {
        await visit.call("fixture", "echo");
        await visit.call("fixture", "no-such-tool");
      }
      const { minutes } = (await visit.service()).details!;
      expect([sum(minutes.calls), sum(minutes.errors)]).toEqual([2, 1]);
    },
  );

  test("calls through a group count at the member, without an audit, too", async ({ start }) => {
    const { port, client } = await start({ service: SHARED, hub: true, audit: "sessions" });
    const grouped = await client().open();
    await grouped.tool("fixture_echo");
    await grouped.tool("fixture_no-such-tool");
    const { minutes } = (await new PageVisit(port).service()).details!;
    expect([sum(minutes.calls), sum(minutes.errors)]).toEqual([2, 1]);
  });

  test("a server that ends is started again, which is counted, and its words are in the log", async ({ start }) => {
    const { port, open } = await start({ service: SHARED });
    const visit = new PageVisit(port);
    const before = (await visit.service()).details!;
    const client = await open();
    await client.tool("crash");
    await until("it is up again", async () => {
      const { state, details } = await visit.service();
      return state === "up" && details?.restarts === 1;
    });
    const { since, log } = (await visit.service()).details!;
    expect(Date.parse(since)).toBeGreaterThan(Date.parse(before.since));
    expect(log.join("\n")).toMatch(/warn +server ended by itself/);
  });

  test("a service that cannot run says what it needs", async ({ start }) => {
    const { port } = await start({ servers: { broken: { needs: "TOKEN_OF_BROKEN", remedy: "Set it in .env." } } });
    expect(await new PageVisit(port).service("broken")).toMatchObject({
      state: "needs",
      problem: "It needs TOKEN_OF_BROKEN.",
      remedy: "Set it in .env.",
    });
  });
});

describe("from elsewhere", () => {
  test("a stranger is told what the probes tell", async ({ start }) => {
    const { port } = await start({ tokens: [TOKEN], child: ["--exit", "secret words"], hub: true });
    const { visitor, services } = await new PageVisit(port, ELSEWHERE).status();
    expect(visitor.isHere).toBe(false);
    const url = `http://127.0.0.1:${port}/fixture/mcp`;
    const known = {
      name: "fixture",
      state: "failed",
      problem: "failed to start",
      url,
      asksForToken: true,
      mayCall: false,
    };
    expect(services).toEqual([known]);
  });

  test("a token shows what it opens, and nothing more", async ({ start }) => {
    const entry = { command: process.execPath, args: ["-e", ""] };
    const servers = { one: { ...entry, tokens: [TOKEN] }, two: { ...entry, tokens: ["another-token-of-some-length"] } };
    const { port } = await start({ servers });
    const authorization = `Bearer ${TOKEN}`;
    const { services } = await new PageVisit(port, { ...ELSEWHERE, authorization }).status();
    expect(services.map(({ name, mayCall, details }) => [name, mayCall, details !== undefined])).toEqual([
      ["one", true, true],
      ["two", false, false],
    ]);
  });

  test("a token that opens nothing is a failed login", async ({ start }) => {
    const { port } = await start({ service: SHARED, tokens: [TOKEN], loginRate: 3 });
    const visit = new PageVisit(port, { ...ELSEWHERE, authorization: "Bearer wrong-token-of-some-length" });
    const statuses = [];
    for (let tried = 0; tried < 6; tried++) statuses.push((await visit.fetch("/_/status")).status);
    expect(statuses).toEqual([401, 401, 401, 429, 429, 429]);
  });
});
