import { expect, test } from "vitest";
import { readArguments, readOneServer } from "./flags.ts";
import { readContent } from "./file.ts";

const read = (mcpServers: object) => readContent({ mcpServers }, "gateway.json", new Map(), { env: {}, plain: false });
const server = { command: "node" };

test("a group names other entries", () => {
  const { services } = read({ both: { group: ["one", "two"] }, one: server, two: server });
  expect(services[0]?.server).toEqual({ kind: "group", members: [{ name: "one" }, { name: "two" }] });
});

test.each([
  [{ both: { group: [] } }, "both.group: got no names"],
  [{ both: { group: ["one", "one"] }, one: server }, "got one twice"],
  [{ both: { group: ["memori"] }, memory: server }, "got memori, which is no entry, did you mean memory?"],
  [{ both: { group: ["both"] } }, "got both, which is a group"],
  [{ both: { group: ["one"], command: "node" }, one: server }, "got 2 of command, url, group and needs"],
  [{ mcp: server }, "/mcp is a path of the hub"],
  [{ ws: server }, "/ws is a path of the hub"],
  [{ health: server }, "/health is a path of the hub"],
])("%j is refused: %s", (servers, expected) => {
  expect(() => read(servers)).toThrow(expected);
});

const flags = (...args: readonly string[]) => readOneServer(readArguments(args), { env: {}, plain: false });

test("a group of services at their URLs, with one token for all", () => {
  const args = ["--group", "one=http://one:8080/mcp", "--group", "two=http://two:8080/mcp", "--upstream-token", "t"];
  const [service] = flags(...args).services;
  expect(service).toMatchObject({
    name: "group",
    server: {
      kind: "group",
      members: [
        { name: "one", url: "http://one:8080/mcp", headers: { Authorization: "Bearer t" } },
        { name: "two", url: "http://two:8080/mcp", headers: { Authorization: "Bearer t" } },
      ],
    },
  });
});

test.each([
  [["--group", "one"], `--group: got "one", expected a name`],
  [["--group", "One=http://x"], `--group: got "One=http://x", expected a name`],
  [["--group", "one=ftp://x"], "--group"],
  [["--group", "one=http://x", "--group", "one=http://y"], "--group: got one twice"],
  [["--group", "one=http://x", "--url", "http://y"], "got both --url and --group"],
])("%j is refused: %s", (args, expected) => {
  expect(() => flags(...args)).toThrow(expected);
});
