import { expect, test } from "vitest";
import { clients } from "./clients.ts";
import type { Place } from "./format.ts";
import { isFile } from "./render.ts";

const mac: Place = { os: "darwin", home: "/Users/ada", env: {} };
const linux: Place = { os: "linux", home: "/home/ada", env: {} };
const windows: Place = {
  os: "win32",
  home: String.raw`C:\Users\ada`,
  env: { APPDATA: String.raw`C:\Users\ada\AppData\Roaming` },
};

const userFile = (id: string, place: Place) => {
  const client = clients.find((one) => one.id === id)!;
  return isFile(client) ? client.files(place).user : undefined;
};

test.each([
  ["vscode", mac, "/Users/ada/Library/Application Support/Code/User/mcp.json"],
  ["vscode", linux, "/home/ada/.config/Code/User/mcp.json"],
  ["vscode", windows, String.raw`C:\Users\ada\AppData\Roaming\Code\User\mcp.json`],
  ["claude-desktop", mac, "/Users/ada/Library/Application Support/Claude/claude_desktop_config.json"],
  ["claude-desktop", windows, String.raw`C:\Users\ada\AppData\Roaming\Claude\claude_desktop_config.json`],
  ["cursor", windows, String.raw`C:\Users\ada\.cursor\mcp.json`],
  ["zed", mac, "/Users/ada/.config/zed/settings.json"],
  ["goose", windows, String.raw`C:\Users\ada\AppData\Roaming\Block\goose\config\config.yaml`],
  ["devin", windows, String.raw`C:\Users\ada\AppData\Roaming\devin\mcp_config.json`],
  ["claude-code", linux, "/home/ada/.claude.json"],
] as const)("the file of %s is where its own documentation has it: %o", (id, place, file) => {
  expect(userFile(id, place)).toBe(file);
});

test.each([
  ["claude-code", { CLAUDE_CONFIG_DIR: "/moved" }, "/moved/.claude.json"],
  ["codex", { CODEX_HOME: "/moved" }, "/moved/config.toml"],
  ["opencode", { XDG_CONFIG_HOME: "/moved" }, "/moved/opencode/opencode.json"],
  ["cline", { CLINE_DIR: "/moved" }, "/moved/data/settings/cline_mcp_settings.json"],
  ["cline-cli", { CLINE_MCP_SETTINGS_PATH: "/moved/c.json" }, "/moved/c.json"],
  ["codex", { CODEX_HOME: "" }, "/home/ada/.codex/config.toml"],
])("%s follows its variable %o", (id, env, file) => {
  expect(userFile(id, { ...linux, env })).toBe(file);
});

test("no file of a user is outside of the home folder, and none of a project has a path of its own machine", () => {
  for (const client of clients.filter(isFile))
    for (const place of [mac, linux, windows]) {
      const { user, project } = client.files(place);
      expect((user ?? place.home).startsWith(place.home), client.id).toBe(true);
      expect(project ?? "", client.id).not.toMatch(/^[/\\~]|^[A-Z]:/);
    }
});
