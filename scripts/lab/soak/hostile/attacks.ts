/** What attackers do, one thing after another. Each attack is bounded, goes to loopback alone, and leaves when it is over. */
import { setTimeout as sleep } from "node:timers/promises";
import { headOf, request, toolCall, VALID, type Wire } from "./wire.ts";

export interface Attack {
  readonly name: string;
  readonly run: (wire: Wire) => Promise<void>;
}

const MB = 1_000_000;
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** Milliseconds that an attack holds on to what it has opened: longer than the gateway lets a client read nothing. */
const HOLD = 12_000;

const body = (text: string) => async (wire: Wire) => void (await wire.ask({ headers: VALID, body: text }));

async function unreadAnswers(wire: Wire): Promise<void> {
  const session = await wire.session("attacked");
  for (let id = 1; id <= 20; id++) wire.send({ ...session, body: toolCall(id, "big", { bytes: 30 * MB }) });
  await sleep(HOLD);
}

async function subscriptions(wire: Wire): Promise<void> {
  const session = await wire.session("visited");
  for (let id = 1; id <= 40; id++) {
    const uri = `flood:${id}:${"x".repeat(60_000)}`;
    await wire.ask({ ...session, body: request(id, "resources/subscribe", { uri }) });
  }
  for (let id = 1; id <= 500; id++) {
    const method = id % 2 === 0 ? "resources/unsubscribe" : "resources/subscribe";
    await wire.ask({ ...session, body: request(id, method, { uri: `flood:${id >> 1}` }) });
  }
}

/** Notifications for a session whose stream is open and is not read, or was never opened. */
async function unreadEvents(wire: Wire): Promise<void> {
  const session = await wire.session("attacked");
  wire.send({ ...session, method: "GET" });
  const notify = { method: "notifications/tools/list_changed", params: { text: "x".repeat(MB) }, times: 5 };
  for (let id = 1; id <= 10; id++) await wire.ask({ ...session, body: toolCall(id, "notify", notify) });
}

async function slowBodies(wire: Wire): Promise<void> {
  const sockets = times(50, () => wire.connect());
  for (const socket of sockets) socket.write(headOf({ headers: VALID }, 5 * MB));
  for (let second = 0; second < 10; second++) {
    for (const socket of sockets) socket.write(" ".repeat(20_000));
    await sleep(1_000);
  }
}

async function slowHeaders(wire: Wire): Promise<void> {
  const sockets = times(200, () => wire.connect());
  for (const socket of sockets) socket.write("POST /attacked/mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n");
  for (let second = 0; second < 8; second++) {
    for (const socket of sockets) socket.write(`X-${second}: a\r\n`);
    await sleep(1_000);
  }
}

async function connectionFlood(wire: Wire): Promise<void> {
  for (let round = 0; round < 10; round++) {
    times(300, () => wire.connect());
    await sleep(500);
  }
}

async function preflights(wire: Wire): Promise<void> {
  const headers = {
    origin: "https://page.example",
    "access-control-request-method": "POST",
    "access-control-request-headers": `${" ".repeat(15_000)}x`,
  };
  for (let round = 0; round < 50; round++) await wire.ask({ method: "OPTIONS", headers });
}

async function badLogins(wire: Wire): Promise<void> {
  for (let round = 0; round < 300; round++) {
    const headers = { ...VALID, authorization: `Bearer guess-${round}`, "x-forwarded-for": `192.0.2.${round % 256}` };
    await wire.ask({ headers, body: request(1, "ping", {}) });
  }
}

async function forgedHeaders(wire: Wire): Promise<void> {
  const claim = Buffer.from(JSON.stringify({ principal: "admin", address: "127.0.0.2" })).toString("base64url");
  for (let round = 0; round < 300; round++) {
    const headers = {
      "gangway-forwarded": `${claim}.${"0".repeat(64)}`,
      "x-forwarded-for": `${"127.0.0.2, ".repeat(1_000)}127.0.0.2`,
    };
    await wire.ask({ headers, body: request(1, "ping", {}) });
  }
}

async function hugeHeaders(wire: Wire): Promise<void> {
  for (let round = 0; round < 100; round++) {
    await wire.ask({ headers: { ...VALID, "x-huge": "x".repeat(round % 2 === 0 ? 15_000 : 20_000) } });
  }
}

async function halfOpenStreams(wire: Wire): Promise<void> {
  const session = await wire.session("attacked");
  for (let round = 0; round < 20; round++) {
    for (const socket of times(20, () => wire.send({ ...session, method: "GET" })))
      if (round % 2 === 0) setTimeout(() => socket.destroy(), 50).unref();
    await sleep(200);
  }
}

async function smuggledIds(wire: Wire): Promise<void> {
  const session = await wire.session("visited");
  const call = '"method":"tools/call","params":{"name":"echo","arguments":{"text":"smuggled"}}';
  const members = ['"id":1', '"id":1,"ID":2', '"id":1,"id":2', '"id":1,"id\\u0000":2', '"id":1,"\\u0069d":2'];
  for (let round = 0; round < 200; round++) {
    const member = members[round % members.length]!;
    await wire.ask({ ...session, body: `{"jsonrpc":"2.0",${member},${call},"param\u00c5\u00bf":{}}` });
  }
}

/** A server that says more than anybody wants to hear: messages, lines that are none, a line without an end. */
async function loudServer(wire: Wire): Promise<void> {
  const session = await wire.session("attacked");
  const notify = { method: "notifications/message", params: { level: "info", data: "loud" }, times: 5_000 };
  await wire.ask({ ...session, body: toolCall(1, "notify", notify) });
  await wire.ask({ ...session, body: toolCall(2, "raw", { text: "not a message\n".repeat(20_000) }) }, 1_000);
  await wire.ask({ ...session, body: toolCall(3, "endless") }, 2_000);
}

async function chunkedBytes(wire: Wire): Promise<void> {
  const socket = wire.connect();
  const lines = Object.entries(VALID).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`POST /attacked/mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n${lines.join("")}\r\n`);
  for (let sent = 0; sent < 500_000 && !socket.destroyed; sent += 5_000) {
    socket.write("1\r\n \r\n".repeat(5_000));
    await sleep(20);
  }
}

async function pipelined(wire: Wire): Promise<void> {
  const session = await wire.session("attacked");
  const text = toolCall(1, "big", { bytes: 60_000 });
  const one = headOf(session, text.length) + text;
  for (const socket of times(10, () => wire.connect())) socket.write(one.repeat(100));
  await sleep(HOLD);
}

/** No attack: large answers, read as they come. Another client may do that, and nobody can be answered in the middle of one. */
async function largeAnswers(wire: Wire): Promise<void> {
  const session = await wire.session("attacked");
  for (let id = 1; id <= 5; id++) await wire.ask({ ...session, body: toolCall(id, "big", { bytes: 30 * MB }) });
}

export const neighbour: readonly Attack[] = [{ name: "large answers that are read", run: largeAnswers }];

export const attacks: readonly Attack[] = [
  { name: "nested JSON", run: body("[".repeat(9.8 * MB)) },
  { name: "a batch of empty objects", run: body(`[${"{},".repeat(3.2 * MB)}{}]`) },
  { name: "unread answers of 30 MB", run: unreadAnswers },
  { name: "subscriptions of 60 kB", run: subscriptions },
  { name: "events never read", run: unreadEvents },
  { name: "slow bodies", run: slowBodies },
  { name: "slow headers", run: slowHeaders },
  { name: "connections", run: connectionFlood },
  { name: "preflights full of blanks", run: preflights },
  { name: "bad logins", run: badLogins },
  { name: "forged forwarded headers", run: forgedHeaders },
  { name: "huge headers", run: hugeHeaders },
  { name: "half-open streams", run: halfOpenStreams },
  { name: "smuggled ids", run: smuggledIds },
  { name: "a loud server", run: loudServer },
  { name: "a chunk for each byte", run: chunkedBytes },
  { name: "pipelined and unread", run: pipelined },
];
