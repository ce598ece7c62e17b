import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { onPath } from "../kit/on-path.ts";

const main = join(import.meta.dirname, "../gangway.ts");

const run = (...words: readonly string[]) =>
  spawnSync(process.execPath, [main, "proxies", ...words], {
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });

test("the file is printed, and nothing else, so that it can be piped into its place", () => {
  const { status, stdout, stderr } = run("--proxy", "nginx", "--domain", "example.org", "memory");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(/^# Gangway behind nginx/);
  expect(stdout).toContain("server_name memory.example.org;");
});

test.skipIf(onPath("openssl") === undefined)(
  "with --self-signed the file and a certificate for it are in the folder",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "gangway-proxies-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const out = join(folder, "new");
    const { status, stderr } = run("--proxy", "haproxy", "--https", "--self-signed", "--out", out);
    expect(stderr).toContain("is written");
    expect(status).toBe(0);
    expect(readFileSync(join(out, "haproxy.cfg"), "utf8")).toContain(`ssl crt ${join(out, "gangway.pem")}`);
    const pem = readFileSync(join(out, "gangway.pem"), "utf8");
    expect(pem).toContain("BEGIN CERTIFICATE");
    expect(statSync(join(out, "gangway.pem")).mode & 0o077).toBe(0);
  },
);

test("with --compose the folder has all that Docker Compose needs, and no secret", () => {
  const folder = mkdtempSync(join(tmpdir(), "gangway-proxies-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { status, stderr } = run("--proxy", "nginx", "--compose", "--out", folder, "memory", "github");
  expect({ status, stderr }).toEqual({
    status: 0,
    stderr:
      "github is left out: it needs a container of its own (npx gangway deploy local) and GITHUB_PERSONAL_ACCESS_TOKEN\n" +
      `${join(folder, "compose.yaml")} is written; its first lines say what to do with it\n`,
  });
  expect(readdirSync(folder).toSorted()).toEqual(
    [".gitignore", "compose.yaml", "gangway.conf", "gateway", "gateway.json", "wscat"].toSorted(),
  );
  expect(readFileSync(join(folder, "gateway/gateway/main.js"), "utf8")).toContain("./chunks/");
  expect(readFileSync(join(folder, "gangway.conf"), "utf8")).toContain("server mcp-gateway:3000");
  expect(statSync(join(folder, "wscat/wscat")).mode & 0o111).not.toBe(0);
});

test.each([
  [[], "got no --proxy, expected one of nginx, caddy, traefik, haproxy, apache"],
  [["--proxy", "cady"], "Did you mean caddy?"],
  [["--proxy", "nginx", "--self-signed", "--out", "proxy"], "--self-signed go with --https"],
  [["--proxy", "nginx", "--out", "a folder"], "expected a path of letters"],
  [["--proxy", "nginx", "--https", "--self-signed"], "--self-signed makes files: say where, with --out <folder>"],
  [["--proxy", "nginx", "--compose"], "--compose makes files: say where, with --out <folder>"],
  [["--proxy", "nginx", "--compose", "--out", "mcp", "--upstream", "10.0.0.5:3000"], "leave out --upstream"],
  [["--proxy", "nginx", "--compose", "--out", "mcp", "--basic-auth", "htpasswd"], "leave out --basic-auth"],
])("proxies %j is a mistake that says %j", (words, message) => {
  const { status, stderr } = run(...words);
  expect(stderr).toContain(message);
  expect(status).toBe(2);
});
