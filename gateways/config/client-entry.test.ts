import { expect, test } from "vitest";
import { readClientEntry } from "./client-entry.ts";

const read = (entry: unknown) => readClientEntry(entry, "x");
const url = "https://a.example/mcp";

test.each([
  ["Claude Code", { type: "http", url, headers: { A: "b" } }, { type: "http", url, headers: { A: "b" } }],
  ["Claude Code", { type: "streamable-http", url }, { type: "http", url }],
  ["Cursor", { url, headers: {} }, { url, headers: {} }],
  ["Cline", { type: "streamableHttp", url, disabled: false, autoApprove: [] }, { type: "http", url }],
  ["Cline's CLI", { transport: { type: "streamableHttp", url, headers: {} } }, { type: "http", url, headers: {} }],
  ["Devin", { url, transport: "http" }, { type: "http", url }],
  [
    "the guides",
    { url: "http://localhost:3000/sse", transport: "sse" },
    { type: "sse", url: "http://localhost:3000/sse" },
  ],
  ["Windsurf", { serverUrl: url }, { url }],
  ["Gemini CLI", { httpUrl: url, trust: true, timeout: 600_000 }, { url, requestTimeout: "600000ms" }],
  ["mcporter", { baseUrl: url, lifecycle: "keep-alive" }, { url }],
  ["Copilot in JetBrains", { url, requestInit: { headers: { A: "b" } } }, { url, headers: { A: "b" } }],
  ["Copilot CLI", { type: "http", url, tools: ["*"] }, { type: "http", url, tools: ["*"] }],
  ["OpenCode", { type: "remote", url, enabled: true, oauth: false }, { type: "http", url }],
  [
    "OpenCode",
    { type: "local", command: ["npx", "-y", "s"], environment: { A: "b" } },
    { type: "stdio", command: "npx", args: ["-y", "s"], env: { A: "b" } },
  ],
  [
    "Goose",
    { type: "stdio", cmd: "uvx", args: ["s"], envs: {}, timeout: 300 },
    { type: "stdio", command: "uvx", args: ["s"], env: {}, requestTimeout: "300s" },
  ],
  [
    "VS Code",
    { type: "stdio", command: "s", envFile: ".env", gallery: "https://g", version: "1" },
    { type: "stdio", command: "s", envFile: ".env", version: "1" },
  ],
  ["who writes null for nothing", { command: "s", args: null, env: null, url: null }, { command: "s" }],
])("an entry of %s is taken: %j", (_, entry, ours) => {
  expect(read(entry)).toMatchObject({ entry: ours, isDisabled: false });
  expect(Object.keys(read(entry).entry as object).toSorted()).toEqual(Object.keys(ours).toSorted());
});

test.each([{ disabled: true }, { enabled: false }])("%j leaves a server out", (own) => {
  expect(read({ command: "s", ...own }).isDisabled).toBe(true);
});

test("what only a client can use is named, unless it asks for what happens anyway", () => {
  const own = {
    description: "d",
    autoApprove: [],
    alwaysAllow: [],
    includeTools: ["*"],
    excludeTools: ["x"],
    auth: {},
  };
  expect(read({ command: "s", ...own }).unused).toEqual([
    "description",
    "autoApprove",
    "alwaysAllow",
    "excludeTools",
    "auth",
  ]);
  expect(read({ command: "s", tools: { one: { enabled: false } } }).unused).toEqual(["tools"]);
  expect(read({ command: "s", tools: ["one"] })).toMatchObject({ entry: { tools: ["one"] }, unused: [] });
});

test.each([
  [30, "30s"],
  [1_800, "1800s"],
  [3_600, "3600s"],
  [60_000, "60000ms"],
  ["60", "60s"],
  ["5m", "5m"],
])("the timeout %j is %s: clients count in seconds up to an hour, or in milliseconds", (timeout, expected) => {
  expect(read({ command: "s", timeout }).entry).toEqual({ command: "s", requestTimeout: expected });
});

test.each([
  [{ type: "ws", url: "wss://a.example" }, 'x.type: got "ws", expected stdio, http or sse'],
  [{ transport: "websocket", url }, 'x.type: got "websocket", expected stdio, http or sse'],
  [{ type: "stdio", url }, 'x.type: got "stdio", expected http or sse beside url'],
  [{ type: "http", command: "s" }, 'x.type: got "http", expected stdio beside command'],
  [{ url, httpUrl: "https://b.example" }, "x: got both url and httpUrl, expected one of them"],
  [{ type: "http", transport: "sse", url }, "x: got both transport and type, expected one of them"],
  [{ command: "s", timeout: 5, requestTimeout: "5s" }, "x: got both timeout and requestTimeout, expected one of them"],
  [{ command: "s", timeout: -1 }, "x.timeout: expected seconds"],
  [{ command: "s", disabled: "yes" }, "x.disabled: expected true or false"],
])("%j is refused", (entry, message) => {
  expect(() => read(entry)).toThrow(message);
});

test("the same said twice is taken once", () => {
  expect(read({ type: "streamable-http", transport: "http", url, serverUrl: url }).entry).toEqual({
    type: "http",
    url,
  });
});

test.each([[[]], ["npx server"], [7], [null]])("%j is left for the check of the file", (entry) => {
  expect(read(entry)).toEqual({ entry, isDisabled: false, unused: [] });
});
