import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Settings } from "../../stacks/settings.ts";
import { hostOfServices } from "./services-host.ts";

function stateFile(state: object): string {
  const folder = mkdtempSync(join(tmpdir(), "gangway-state-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "edge.tfstate");
  writeFileSync(file, JSON.stringify(state));
  return file;
}

const file = () => stateFile({ outputs: { host: { value: "203.0.113.9" }, tunnelId: { value: "x" } } });

test.each([
  ["root@198.51.100.7:2222", "198.51.100.7"],
  ["[2001:db8::7]:2222", "[2001:db8::7]"],
  ["nas", "nas"],
])("the machine that SERVER names goes before the state: %s", async (server, host) => {
  expect(await hostOfServices(new Settings([], { SERVER: server }), file())).toBe(host);
});

test("the address of the droplet is in the state of edge", async () => {
  expect(await hostOfServices(new Settings([], {}), file())).toBe("203.0.113.9");
});

test.each([
  ["nothing was deployed", () => "/nowhere/edge.tfstate"],
  ["everything was destroyed", () => stateFile({ outputs: {} })],
])("where %s, it is said what to do", async (_, find) => {
  await expect(hostOfServices(new Settings([], {}), find())).rejects.toThrow(
    /not known here: npx gangway deploy edge, or set DOCKER_HOST/,
  );
});
