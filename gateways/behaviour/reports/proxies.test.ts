/** The proxies of this machine, as HTTP_PROXY and HTTPS_PROXY name them. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { exchange } from "../../bridge/upstream-request.ts";
import { readSmallBody } from "../../bridge/upstream-response.ts";

/** A proxy that notes what it is asked for, and its address as the environment has it. */
async function startProxy(name: string) {
  const asked: string[] = [];
  const proxy = createServer((req, res) => {
    asked.push(`${req.method} ${req.url} ${req.headers.host} ${req.headers["proxy-authorization"]}`);
    res.end("from the proxy");
  });
  proxy.on("connect", (req, socket) => {
    asked.push(`CONNECT ${req.url} ${req.headers["proxy-authorization"]}`);
    socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
  });
  await new Promise<void>((listening) => void proxy.listen(0, "127.0.0.1", listening));
  process.env[name] = `http://ann:p%20w@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  onTestFinished(() => {
    delete process.env[name];
    proxy.close();
    proxy.closeAllConnections();
  });
  return asked;
}

const get = (url: string) =>
  exchange(new URL(url), { method: "GET", headers: {}, signal: AbortSignal.timeout(10_000) });
const login = `Basic ${Buffer.from("ann:p w").toString("base64")}`;

test("a request without TLS asks the proxy for the whole URL", async () => {
  const asked = await startProxy("http_proxy");
  expect(await readSmallBody(await get("http://upstream.invalid:81/mcp?a=1"))).toBe("from the proxy");
  expect(asked).toEqual([`GET http://upstream.invalid:81/mcp?a=1 upstream.invalid:81 ${login}`]);
});

test("a request with TLS asks the proxy for a tunnel, and an error of the proxy's is told as that", async () => {
  const asked = await startProxy("https_proxy");
  await expect(get("https://upstream.invalid/mcp")).rejects.toThrow(
    /proxy 127\.0\.0\.1:\d+ refused the connection \(HTTP 403\)/,
  );
  expect(asked).toEqual([`CONNECT upstream.invalid:443 ${login}`]);
});
