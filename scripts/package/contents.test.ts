import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { contents, type Contents, problemsOf } from "./contents.ts";

const allowed: Contents = contents["gangway-mcp"];

/** The problems of a package with these files. */
function problems(files: Readonly<Record<string, string>>, named?: ReadonlyMap<string, string>, size = 1): string[] {
  const folder = mkdtempSync(join(tmpdir(), "contents-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const packed = Object.entries(files).map(([path, { length }]) => ({ path, size: length }));
  return problemsOf({ filename: "x.tgz", size, unpackedSize: size, files: packed }, folder, allowed, named);
}

test("what a package consists of is allowed", () => {
  const files = ["package.json", "README.md", "LICENSE", "dist/gateways/main.js", "dist/chunks/start-DWdCgwBJ.js"];
  const data = ["dist/gateways/images/npm.Dockerfile", "dist/templates/nginx/http.conf", "dist/stacks/locks/base.json"];
  expect(problems(Object.fromEntries([...files, ...data].map((file) => [file, ""])))).toEqual([]);
});

test.each([
  "dist/gateways/main.test.js",
  "dist/gateways/fixtures/child.js",
  "dist/scripts/lab/main.js",
  "dist/scripts/lab/bench/main.js",
  "dist/chunks/vitest.config.js",
  "dist/gateways/main.ts",
  "dist/gateways/main.js.map",
  ".env",
  "dist/.env",
  "dist/stacks/services.json",
  "dist/stacks/locks/firecrawl-mcp@3.26.0.json",
  "id_ed25519",
  "node_modules/zod/index.js",
])("%s is not", (file) => {
  expect(problems({ [file]: "" })).toEqual([expect.stringContaining(`${file}: is`)]);
});

test.each([
  ["a private key", ["-----BEGIN OPENSSH", "PRIVATE KEY-----"].join(" ")],
  ["a token of GitHub", `ghp_${"a".repeat(36)}`],
  ["a token of npm", `npm_${"A".repeat(36)}`],
  ["an access key", `AKIA${"A".repeat(16)}`],
])("%s in a file is found", (_what, secret) => {
  expect(problems({ "dist/gateways/main.js": `const x = "${secret}";` })).toEqual([
    expect.stringContaining("dist/gateways/main.js: contains what looks like a secret"),
  ]);
});

test.each([
  "Promise.withResolvers()",
  "Object.groupBy(all,by)",
  "URL.parse(text)",
  "RegExp.escape(text)",
  'import{globSync as g}from"node:fs"',
  'import{DatabaseSync}from"node:sqlite"',
  "const{DatabaseSync:e}=n(`node:sqlite`)",
])("%s is found, because Node 20 lacks it", (code) => {
  expect(problems({ "dist/gateways/main.js": code })).toEqual([expect.stringContaining(", which Node 20 lacks")]);
});

test("the authorization server may use what only its own Node has", () => {
  const folder = mkdtempSync(join(tmpdir(), "contents-"));
  mkdirSync(join(folder, "dist"));
  writeFileSync(join(folder, "dist/main.js"), 'import{DatabaseSync}from"node:sqlite"');
  const files = [{ path: "dist/main.js", size: 1 }];
  expect(problemsOf({ filename: "x.tgz", size: 1, unpackedSize: 1, files }, folder, contents["gangway-auth"])).toEqual(
    [],
  );
});

test("what asks for it where it may be missing is no fault", () => {
  expect(problems({ "dist/gateways/main.js": "process.getBuiltinModule(`node:sqlite`)" })).toEqual([]);
});

test("what a README says of newer versions is no program", () => {
  expect(problems({ "README.md": "Promise.withResolvers()" })).toEqual([]);
});

test("a text that is of this machine alone is found, and named without being shown", () => {
  const named = new Map([["the value of CODA_API_TOKEN", "a-long-secret"]]);
  expect(problems({ "README.md": "x a-long-secret y" }, named)).toEqual([
    "README.md: contains the value of CODA_API_TOKEN",
  ]);
});

test("a package that has grown too large says by how much", () => {
  const { packed, unpacked } = allowed.limits;
  expect(problems({}, undefined, 2_000_000)).toEqual([
    `the tarball has 2000000 bytes, expected ${packed} at most`,
    `unpacked it has 2000000 bytes, expected ${unpacked} at most`,
  ]);
});
