/** Two gateways with the same groups: what becomes of calls when one of them ends, and of members that run at one of them alone. */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { Client } from "../../fixtures/client.ts";
import { test, until, type Running } from "../../fixtures/harness.ts";
import { ModernClient } from "../../fixtures/modern-client.ts";
import { WebSocketClient } from "../../fixtures/web-socket-client.ts";

const child = (more: object = {}) => ({
  command: process.execPath,
  args: [join(import.meta.dirname, "../../fixtures/child.ts")],
  ...more,
});
const newFolder = () => mkdtempSync(join(tmpdir(), "group-"));

const MEMBERS = {
  shared: child({ isolation: "shared" }),
  serial: child({ isolation: "shared", serial: true }),
  own: child(),
  group: { group: ["shared", "serial", "own"] },
};

/** Two gateways that share a folder. @param drainTimeout milliseconds */
async function twoOf(start: (settings: object) => Promise<Running>, drainTimeout = 5_000) {
  const settings = { servers: MEMBERS, top: { stateDir: newFolder(), ownerHost: "127.0.0.1" }, drainTimeout };
  return [await start(settings), await start(settings)] as const;
}

const at = ({ port }: Running) => new Client(`http://127.0.0.1:${port}/group/mcp`);
const ws = ({ port }: Running) => new WebSocketClient(`ws://127.0.0.1:${port}/group/ws`);

/** The same session at another gateway. */
const moved = (client: Client, gateway: Running) => Object.assign(at(gateway), { session: client.session });

describe("calls of a serial member run at one gateway, whichever gets them", () => {
  test("with sessions, without, and by a WebSocket", async ({ start }) => {
    const [first, second] = await twoOf(start);
    const modern = new ModernClient({ port: second.port });
    Object.assign(modern, { url: `http://127.0.0.1:${second.port}/group/mcp` });
    const callers = [await at(first).open(), await at(second).open(), modern, await ws(second).open()];
    const pids = await Promise.all(callers.map((caller) => caller.tool("serial_pid")));
    expect(new Set(pids.map(({ result }) => result?.content?.[0]?.text)).size).toBe(1);
    const file = join(newFolder(), "notes");
    const texts = callers.map((_, index) => `line ${index}`);
    await Promise.all(callers.map((caller, index) => caller.tool("serial_note", { file, text: texts[index], ms: 20 })));
    expect(readFileSync(file, "utf8").trim().split("\n").toSorted()).toEqual(texts); // none lost another's
  });

  test("and at the other one when that ends; the call that was open there is answered", async ({ start }) => {
    const [first, second] = await twoOf(start);
    const [client, other] = [await at(first).open(), await at(second).open()];
    const folder = newFolder();
    const [go, begun] = [join(folder, "go"), join(folder, "begun")];
    const open = other.tool("serial_held", { text: go, file: begun });
    await until("it runs", () => existsSync(begun));
    const ended = first.gateway.stop();
    const next = moved(client, second).text("serial_echo", { text: "next" });
    writeFileSync(go, "");
    expect((await open).result?.content?.[0]?.text).toBe("released");
    expect(await next).toBe("next");
    await ended;
    expect(await moved(other, second).text("serial_count")).toBe("1");
  });
});

describe("a session of a group", () => {
  test("goes on at the other gateway, with its subscriptions and its log level", async ({ start }) => {
    const [first, second] = await twoOf(start);
    const client = await at(first).open();
    expect(await client.text("own_count")).toBe("1");
    await client.request("logging/setLevel", { level: "warning" });
    await first.gateway.stop();
    const after = moved(client, second);
    expect(await after.text("own_count")).toBe("1"); // a process of its own, again
    expect(await after.text("shared_echo", { text: "on" })).toBe("on");
    const told = JSON.parse(await after.text("own_received")) as { method?: string; params?: object }[];
    expect(told.find(({ method }) => method === "logging/setLevel")?.params).toEqual({ level: "warning" });
  });

  test("cancels its own call, and not that of another with the same id at another member", async ({ start }) => {
    const [first, second] = await twoOf(start);
    const clients = [await at(first).open(), await at(second).open(), await at(first).open()];
    const members = ["shared", "shared", "own"];
    const folder = newFolder();
    const begun = clients.map((_, index) => join(folder, `begun-${index}`));
    const calls = clients.map((client, index) =>
      client.tool(`${members[index]}_held`, { text: join(folder, "go"), file: begun[index] }, { id: "same" }),
    );
    await until("all run", () => begun.every((file) => existsSync(file)));
    await clients[1]!.cancel("same");
    expect((await calls[1]!).error?.message).toMatch(/cancelled/);
    writeFileSync(join(folder, "go"), "");
    for (const call of [calls[0]!, calls[2]!]) expect((await call).result?.content?.[0]?.text).toBe("released");
  });

  test("is told when its member is replaced in the middle of a call, which is not run again", async ({ start }) => {
    const [gateway] = await twoOf(start);
    const client = await at(gateway).open();
    for (const member of ["shared", "serial", "own"]) {
      const folder = newFolder();
      const begun = join(folder, "begun");
      const pid = Number(await client.text(`${member}_pid`));
      const call = client.tool(`${member}_held`, { text: join(folder, "go"), file: begun });
      await until("it runs", () => existsSync(begun));
      process.kill(pid, "SIGKILL");
      expect((await call).error?.message).toMatch(/may have run/);
      await until("it works again", async () => (await client.tool(`${member}_pid`)).result);
      expect(await client.text(`${member}_mostRunning`)).toBe("0"); // the new server never got it
    }
  });
});
