import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../../..");
const TOKEN = "0123456789abcdef".repeat(4);

/** A home folder of its own, with these files in it. */
function homeWith(files: Readonly<Record<string, string>> = {}) {
  const home = mkdtempSync(join(tmpdir(), "home-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), text);
  }
  const clients = (words: readonly string[], env = {}, program = [process.execPath]) => {
    const [command = "", ...first] = program;
    const all = [...first, join(root, "scripts/gangway.ts"), "clients", ...words];
    const options = { cwd: root, env: { PATH: process.env["PATH"], HOME: home, ...env }, encoding: "utf8" } as const;
    const { status, stdout, stderr } = spawnSync(command, all, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    return { status, stdout, stderr };
  };
  return { home, clients, read: (name: string) => readFileSync(join(home, name), "utf8") };
}

const CODEX = '# mine\r\nmodel = "o4"\r\n\r\n[mcp_servers.theirs]\r\nurl = "https://a.example/mcp" # keep\r\n';

test("several services are put into a file at once, and taken out of it again", () => {
  const { home, clients, read } = homeWith({ ".codex/config.toml": CODEX });
  const written = clients(["memory", "everything", "--client", "codex", "--write", "--yes"]);
  expect(written).toMatchObject({ status: 0, stderr: "" });
  expect(written.stdout).toContain("+ [mcp_servers.memory]");
  expect(written.stdout).toContain(`added memory, everything: ${home}/.codex/config.toml\nthe file as it was: `);
  const after = read(".codex/config.toml");
  expect(after).toContain("[mcp_servers.everything]\r\n");
  const again = clients(["memory", "everything", "--client", "codex", "--write"]);
  expect(again).toMatchObject({ status: 0, stdout: expect.stringContaining("nothing to do, it already has memory") });
  expect(clients(["memory", "everything", "--client", "codex", "--remove", "--yes"]).status).toBe(0);
  expect(read(".codex/config.toml")).toBe(CODEX);
  expect(read(".codex/config.toml.gangway-backup")).toBe(after);
});

test("a file in which nothing of ours was is the same again, down to the last byte", () => {
  const before = '\uFEFF{\n\t"numStartups": 3, // mine\n}';
  const { clients, read } = homeWith({ ".claude.json": before });
  expect(clients(["--client", "claude-code", "--write", "--yes"]).status).toBe(0);
  expect(read(".claude.json")).toContain('\t"mcpServers": {\n\t\t"memory": {');
  expect(clients(["--client", "claude-code", "--remove", "--yes"]).status).toBe(0);
  expect(read(".claude.json")).toBe(before);
});

test("of a file that was made for the services nothing is left, and what was in it is in the backup", () => {
  const { home, clients, read } = homeWith();
  expect(clients(["memory", "--client", "claude-code", "--write", "--yes"]).status).toBe(0);
  const written = read(".claude.json");
  const { status, stdout } = clients(["memory", "--client", "claude-code", "--remove", "--yes"]);
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: expect.stringContaining("and the file with them, which had nothing else"),
  });
  expect(existsSync(join(home, ".claude.json"))).toBe(false);
  expect(read(".claude.json.gangway-backup")).toBe(written);
});

test("without a terminal and without --yes the change is shown and not made", () => {
  const { clients, read } = homeWith({ ".codex/config.toml": CODEX });
  const { status, stdout, stderr } = clients(["memory", "--client", "codex", "--write"]);
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: expect.stringContaining("is not changed: this is not a terminal"),
  });
  expect(stdout).toContain("+ [mcp_servers.memory]");
  expect(read(".codex/config.toml")).toBe(CODEX);
});

test("a token that a client cannot read from a variable is in a file for its owner alone, and is not shown", () => {
  const { home, clients, read } = homeWith({ ".config/zed/settings.json": '{\n  "theme": "One" // mine\n}\n' });
  chmodSync(join(home, ".config/zed/settings.json"), 0o644);
  const { status, stdout, stderr } = clients(["memory", "--client", "zed", "--write", "--yes"], {
    MCP_BEARER_TOKEN: TOKEN,
  });
  const [token = "none"] = /gw_memory_[\w-]{43}/.exec(read(".config/zed/settings.json")) ?? [];
  expect({ status, mode: statSync(join(home, ".config/zed/settings.json")).mode & 0o777 }).toEqual({
    status: 0,
    mode: 0o600,
  });
  expect(stderr).toContain("Only you can read the file");
  expect(`${stdout}${stderr}`).not.toContain(token);
  expect(read(".config/zed/settings.json")).toContain('"theme": "One", // mine');
  expect(clients(["memory", "--client", "zed", "--remove", "--yes"]).status).toBe(0);
  expect(read(".config/zed/settings.json")).toBe('{\n  "theme": "One" // mine\n}\n');
});

test("a token by name is never written as a value, and how to set it is told", () => {
  const { clients, read } = homeWith();
  const { status, stderr } = clients(["memory", "--client", "claude-code", "--write", "--yes"], {
    MCP_BEARER_TOKEN: TOKEN,
  });
  expect(status).toBe(0);
  expect(read(".claude.json")).toContain("Bearer ${GANGWAY_TOKEN_MEMORY}");
  expect(stderr).toContain("export GANGWAY_TOKEN_MEMORY=$(npx gangway token memory)");
});

test("a file that cannot be parsed stays as it is, and its place is told", () => {
  const { clients, home, read } = homeWith({ ".claude.json": '{\n  "a": 1\n  "b": 2\n}\n' });
  const { status, stderr } = clients(["memory", "--client", "claude-code", "--write", "--yes"]);
  expect(status).toBe(1);
  expect(stderr).toBe(
    `gangway clients: ${home}/.claude.json was not changed: line 3, column 3: this is not JSON (CommaExpected)\n`,
  );
  expect(read(".claude.json")).toBe('{\n  "a": 1\n  "b": 2\n}\n');
});

// The shell's limit for files stands for a full disk: the write fails half way.
test.skipIf(process.platform === "win32")(
  "a disk that is full leaves the file as it was, and nothing beside it",
  () => {
    const large = `{ "a": "${"x".repeat(100_000)}" }`;
    const { clients, home, read } = homeWith({ ".claude.json": large });
    const limited = ["sh", "-c", 'ulimit -f 20; exec "$0" "$@"', process.execPath];
    const { status, stderr } = clients(["memory", "--client", "claude-code", "--write", "--yes"], {}, limited);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringContaining("larger than your limit for files"),
    });
    expect(read(".claude.json")).toBe(large);
    expect(readdirSync(home)).toEqual([".claude.json"]);
  },
);

test("a service that is in the catalog no more is taken out by its name", () => {
  const { clients, read } = homeWith({ ".claude.json": '{"mcpServers":{"gone":{"url":"http://x"},"theirs":{}}}' });
  expect(clients(["gone", "--client", "claude-code", "--remove", "--yes"]).status).toBe(0);
  expect(read(".claude.json")).toBe('{"mcpServers":{"theirs":{}}}');
});

test("a file of a project never holds a token, and --project alone is .mcp.json", () => {
  const { clients } = homeWith();
  const env = { MCP_BEARER_TOKEN: TOKEN };
  const { stdout, stderr } = clients(["memory", "--project", "--write"], env);
  expect(stdout).toContain(`${join(root, ".mcp.json")}\n+ {`);
  expect(stdout).toContain('"Authorization": "Bearer ${GANGWAY_TOKEN_MEMORY}"');
  expect(stderr).not.toContain(TOKEN);
  const refused = clients(["memory", "--project", "--client", "devin", "--write", "--yes"], env);
  expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining("that never lies in a project") });
  expect(existsSync(join(root, ".mcp.json"))).toBe(false);
});

test.each([
  [["--write"], "say whose file it is"],
  [["--write", "--remove", "--client", "codex"], "got --write and --remove, expected one of them"],
  [["--json", "--write", "--client", "codex"], "got --json and --write, expected one of them"],
  [["--yes"], "--yes goes with --write or --remove"],
  [["--project", "--client", "cursor"], "--project goes with --write or --remove"],
  [["--client", "chatgpt", "--write"], "ChatGPT has no file"],
  [["--client", "goose", "--project", "--write"], "Goose has no file in a project. These have:"],
  [["nosuch", "--client", "codex", "--write"], "nosuch"],
])("%j is a mistake that is told", (words, message) => {
  const { status, stderr } = homeWith().clients(words);
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(message) });
});

test.each([[""], ["relative"]])("a home folder of %j is no place for a file", (HOME) => {
  const { status, stderr } = homeWith().clients(["memory", "--client", "codex", "--write", "--yes"], { HOME });
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: expect.stringContaining(`HOME is ${JSON.stringify(HOME)}, expected the absolute path`),
  });
});

test("a home folder with blanks and other letters, and a link that leads nowhere yet, are written through", () => {
  const { clients, home } = homeWith({ "hö me 😀/mine": "", "elsewhere/mine": "" });
  const HOME = join(home, "hö me 😀");
  symlinkSync("../elsewhere/claude.json", join(HOME, ".claude.json"));
  expect(clients(["memory", "--client", "claude-code", "--write", "--yes"], { HOME }).status).toBe(0);
  expect(lstatSync(join(HOME, ".claude.json")).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(home, "elsewhere/claude.json"), "utf8")).toContain('"memory"');
});
