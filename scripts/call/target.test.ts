import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { WrongUse } from "../kit/arguments.ts";
import { scratchFolder } from "../kit/folder.ts";
import { open } from "./target.ts";

const folder = scratchFolder("target");
afterAll(folder.remove);

const nobody = "http://127.0.0.1:1/mcp";

test.each([
  ["is empty", Buffer.from(""), "is empty, expected a token"],
  ["is UTF-16", Buffer.from("\ufefftoken", "utf16le"), "has characters that no token has, expected one token a line"],
  ["has a control character", Buffer.from("to\u0007ken"), "has characters that no token has"],
])("a token file that %s is a mistake of the reader's", async (_, text, expected) => {
  const file = join(folder.path, "token");
  writeFileSync(file, text);
  await expect(open({ what: nobody, tokenFile: file })).rejects.toThrow(
    new RegExp(`^--token-file: ${file} ${expected}`),
  );
  await expect(open({ what: nobody, tokenFile: file })).rejects.toThrow(WrongUse);
});

test("a token file that cannot be read, too", async () => {
  mkdirSync(join(folder.path, "folder"));
  for (const file of ["folder", "none"].map((name) => join(folder.path, name)))
    await expect(open({ what: nobody, tokenFile: file })).rejects.toThrow(WrongUse);
});

test("a password in a URL is refused and not printed", async () => {
  const problem = await open({ what: "http://me:secret@127.0.0.1:1/mcp" }).catch((error: Error) => error);
  expect(problem).toBeInstanceOf(WrongUse);
  expect((problem as Error).message).not.toContain("secret");
});

test.each(["127.0.0.1:1", "[::1]:1", "[::1]:1/mcp", "localhost:1/mcp"])("%s is a URL", async (what) => {
  await expect(open({ what })).rejects.toThrow(`nobody answers at http://${what}`);
});
