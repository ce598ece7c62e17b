import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { onNode, startGateway } from "./gateway.ts";

// Clients that would like HTTP/2 ask for it with the first request on a connection, as Java's does by default.
const run = promisify(execFile);
const message = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: {} });
const POST = ["-X", "POST", "-H", "Content-Type: application/json", "-d", message];

test("curl that asks for HTTP/2 is answered in HTTP/1.1, request after request", async () => {
  const gateway = await startGateway(onNode("gateways/fixtures/child.ts"));
  const shown = ["-s", "--http2", "--max-time", "30", "-w", " %{http_version} %{http_code}\n"];
  const health = gateway.url.replace("/mcp", "/health");
  try {
    const { stdout } = await run("curl", [...shown, ...POST, gateway.url, health, gateway.url]);
    expect(stdout.match(/ 1\.1 \d+\n/g)).toEqual([" 1.1 200\n", " 1.1 404\n", " 1.1 200\n"]);
    const long = JSON.stringify({ ...JSON.parse(message), params: { filler: "x".repeat(60_000) } });
    const sending = run("curl", [...shown, ...POST.slice(0, -1), "@-", gateway.url]);
    sending.child.stdin!.end(long);
    expect((await sending).stdout).toMatch(/"protocolVersion".* 1\.1 200\n$/s);
  } finally {
    await gateway.stop();
  }
});
