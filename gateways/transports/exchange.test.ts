import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { createLog } from "../log.ts";
import { Exchange } from "./exchange.ts";

const LOG = createLog("silent", () => {});

/** An exchange, and how its client leaves. */
async function exchangeWith(atEnd: (callback: () => void) => void) {
  const server = createServer();
  atEnd(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.write("GET /sse HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const [req, res] = (await once(server, "request")) as [IncomingMessage, ServerResponse];
  const facts = { client: { address: "127.0.0.1", local: true }, path: "/sse", service: undefined };
  const leave = async () => {
    socket.destroy();
    if (!res.closed) await once(res, "close");
  };
  return { exchange: new Exchange(req, res, facts, LOG), leave };
}

/** Resolves when what is to happen once the client is gone has happened. */
const gone = (exchange: Exchange) => new Promise<void>((resolve) => exchange.onceGone(resolve));

test("what is to happen when a client leaves happens once, also when it has left before that was said", async ({
  onTestFinished,
}) => {
  const { exchange, leave } = await exchangeWith(onTestFinished);
  let times = 0;
  exchange.onceGone(() => times++);
  const before = gone(exchange);
  expect(times).toBe(0);
  await leave();
  await before;
  exchange.onceGone(() => times++);
  await gone(exchange);
  expect(times).toBe(2);
});
