import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { kill } from "../../kit/processes.ts";
import { waitUntil } from "../../kit/wait.ts";
import { installed, onNode, startGateway } from "./gateway.ts";

// The lines about /ws of a deployment guide (seed 004), as printed there; the address is this gateway's.
const LINE = "wscat -c ws://mcp-gateway:3000/ws";
const TYPED = '{"type": "ping"}';

test.skipIf(!installed)("wscat connects as printed, and what is typed gets a pong", async () => {
  const gateway = await startGateway(onNode("gateways/fixtures/child.ts"));
  const line = LINE.replace("mcp-gateway:3000", new URL(gateway.url).host);
  const env = { PATH: `${join(import.meta.dirname, "node_modules/.bin")}:${process.env["PATH"]}` };
  const wscat = spawn("sh", ["-c", line], { env, detached: true });
  const ended = new Promise((resolve) => wscat.once("close", resolve));
  let shown = "";
  for (const output of [wscat.stdout, wscat.stderr]) output.on("data", (text: Buffer) => (shown += text.toString()));
  // It tells nobody but a terminal that it has connected, and until then ignores what is typed.
  const typing = setInterval(() => wscat.stdin.write(`${TYPED}\n`), 200);
  try {
    await waitUntil(() => shown.includes("pong"), 30_000);
    expect(shown).toMatch(/^(?:(?:> )*\{"type":"pong"\}\n)+/);
  } finally {
    clearInterval(typing);
    kill(-wscat.pid!);
    await ended;
    await gateway.stop();
  }
});
