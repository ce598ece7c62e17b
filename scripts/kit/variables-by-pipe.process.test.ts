/** A program that gets its variables through a pipe has them, and its environment, which others can read, has no secret. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { GatewayProcess } from "./gateway-process.ts";

const PROGRAM = `
console.log(process.env.API_KEY);
process.on("SIGTERM", () => process.exit(0));
setInterval(() => {}, 1000);
`;

test.runIf(process.platform === "linux")("variables come through a pipe", async ({ onTestFinished }) => {
  const folder = mkdtempSync(join(tmpdir(), "pipe-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "main.mjs"), PROGRAM);
  const env = { PATH: process.env["PATH"], TMPDIR: process.env["TMPDIR"], API_KEY: "a secret\nof two lines" };
  const lines: string[] = [];
  const program = new GatewayProcess([join(folder, "main.mjs")], {
    env,
    variablesByPipe: true,
    onOutput: (line) => lines.push(line),
  });
  onTestFinished(async () => void (await program.stop(5_000)));
  expect(await program.whenReady(() => lines.length === 2, 60_000)).toBe(true);
  expect(lines.join("\n")).toBe(env.API_KEY);
  const environment = readFileSync(`/proc/${program.pid}/environ`, "utf8");
  expect(environment).toContain("PATH=");
  expect(environment).not.toContain("secret");
});
