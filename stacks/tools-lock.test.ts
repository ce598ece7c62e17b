import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { reviewedIn, reviewedTools } from "../gateways/config/reviewed.ts";
import { toolDigest } from "../gateways/tool-digest.ts";
import { defineServices } from "./catalog/define.ts";
import { command } from "./catalog/kinds/command.ts";
import { group } from "./catalog/kinds/group.ts";
import { http } from "./catalog/kinds/http.ts";
import { image } from "./catalog/kinds/image.ts";
import { npm } from "./catalog/kinds/npm.ts";
import { pypi } from "./catalog/kinds/pypi.ts";
import {
  parseToolsLock,
  pinnedUnreviewed,
  readToolsLock,
  reviewedServer,
  reviewFor,
  unreviewedServers,
  writtenToolsLock,
} from "./tools-lock.ts";

const [a, b] = ["a", "b"].map((name) => toolDigest({ name })!) as [string, string];

test("the file is sorted, has a line for each tool, and says what it is", () => {
  const lock = { time: { server: "pkg==1.0", tools: { b, a } }, memory: { server: "mem@1.0.0", tools: {} } };
  expect(writtenToolsLock(lock)).toBe(`{
  "//": "The reviewed tools of each service. Commit it. Written by: npx gangway update, add and update --review",
  "memory": {
    "server": "mem@1.0.0",
    "tools": {}
  },
  "time": {
    "server": "pkg==1.0",
    "tools": {
      "a": "${a}",
      "b": "${b}"
    }
  }
}
`);
  expect(parseToolsLock(writtenToolsLock(lock)!)).toEqual(lock);
  expect(writtenToolsLock({})).toBeUndefined();
});

test("a missing file has no reviews, and one that cannot be read is named with what to do", () => {
  const folder = mkdtempSync(join(tmpdir(), "lock-"));
  expect(readToolsLock(join(folder, "tools.lock"))).toEqual({});
  for (const text of ["{", "[]1", '{"memory":{}}', '{"memory":{"server":"a","tools":{"a":"short"}}}', '{"m":7}']) {
    writeFileSync(join(folder, "tools.lock"), text);
    expect(() => readToolsLock(join(folder, "tools.lock"))).toThrow(
      /tools\.lock cannot be read \(.*Restore it from git/s,
    );
  }
});

test("a gateway gets the reviewed tools whatever they are called", () => {
  const names = ["read_graph", "a,b=c d", "größe", "%", "1", "__proto__", "\u{1f600}\n", "toString"];
  const tools = Object.fromEntries(names.map((name) => [name, toolDigest({ name })!]));
  const text = reviewFor({ name: "odd" }, { odd: { server: "odd@1.0.0", tools } })!;
  expect(text).toMatch(/^[\x21-\x7e]+$/);
  expect(new Map(reviewedIn(reviewedTools(text)))).toEqual(new Map(Object.entries(tools)));
  expect(reviewFor({ name: "other" }, {})).toBeUndefined();
  const none = reviewFor({ name: "odd" }, { odd: { server: "odd@1.0.0", tools: {} } })!;
  expect(reviewedIn(reviewedTools(none))).toEqual(new Map());
});

const services = defineServices({
  mem: { server: npm("mem@1.1.0"), port: 1 },
  time: { server: pypi("time==2.0"), port: 2 },
  pic: { server: image("ghcr.io/owner/pic:v1", ["/srv"]), port: 3, pinTools: true },
  far: { server: http("https://example.org/mcp"), port: 4, pinTools: true },
  own: { server: command(["node", "server.js"]), port: 5 },
  all: { server: group(["mem", "time"]), port: 6 },
});
const all = Object.values(services);

test("each kind of server is named with its version, and a group has no tools of its own", () => {
  expect(all.map(({ server }) => reviewedServer(server))).toEqual([
    "mem@1.1.0",
    "time==2.0",
    "ghcr.io/owner/pic:v1",
    "https://example.org/mcp",
    "node server.js",
    undefined,
  ]);
});

test("a version that was not reviewed is told with the command, and pinned tools without a review are a mistake", () => {
  const lock = {
    mem: { server: "mem@1.0.0", tools: { a } },
    time: { server: "time==2.0", tools: {} },
    far: { server: "https://example.org/mcp", tools: { a } },
  };
  expect(unreviewedServers(all, lock)).toEqual([
    "mem: the tools of mem@1.1.0 have not been reviewed, only those of mem@1.0.0: npx gangway update --review mem",
  ]);
  expect(pinnedUnreviewed(all, lock)).toEqual([
    "pic: pinTools is set, but its tools have not been reviewed: npx gangway update --review pic",
  ]);
});
