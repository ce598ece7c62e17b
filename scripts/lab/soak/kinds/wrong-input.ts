/** What no client should send. Each is refused with its own status, and harms nobody. */
import { text as textOf } from "node:stream/consumers";
import { Wrong } from "../../../kit/mcp/answers.ts";
import type { Sending } from "../../../kit/mcp/http.ts";
import { ACCEPT } from "../../../kit/mcp/messages.ts";
import type { Session } from "../session.ts";
import { MAX_BODY } from "../setups.ts";
import type { Kind, Visitor } from "./kind.ts";

interface Mistake extends Sending {
  readonly status: number;
}

const LIST = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';

const mistakes = ({ headers: own }: Session, { http }: Visitor): Mistake[] => {
  const json = { "content-type": "application/json", accept: ACCEPT };
  const headers = { ...json, ...own };
  const withId = (id: string) => ({ headers: { ...json, "mcp-session-id": id }, body: LIST, status: 404 });
  return [
    { headers, body: "{", status: 400 },
    { headers, body: '{"jsonrpc":"2.0"}', status: 400 },
    { headers, body: '{"jsonrpc":"1.0","id":1,"method":"ping"}', status: 400 },
    { headers, body: '{"jsonrpc":"2.0","id":{},"method":"ping"}', status: 400 },
    { headers, body: "[]", status: 400 },
    { headers, body: `[${LIST},${LIST}]`, status: 400 },
    { headers, body: "x".repeat(MAX_BODY + 1), status: 413 },
    { headers: { ...headers, "mcp-protocol-version": "1999-01-01" }, body: LIST, status: 400 },
    { headers: { ...headers, "content-type": "text/plain" }, body: LIST, status: 415 },
    { headers: { ...headers, accept: "image/png" }, body: LIST, status: 406 },
    { headers: { ...headers, origin: "https://example.org" }, body: LIST, status: 403 },
    { headers: { ...headers, host: `example.org:${http.port}` }, body: LIST, status: 403 },
    { headers: { ...headers, "last-event-id": "nonsense" }, method: "PUT", status: 405 },
    { headers: json, body: LIST, status: 400 },
    { headers: { accept: "text/event-stream" }, method: "GET", status: 405 },
    { path: "/nowhere", method: "GET", status: 404 },
    ...["no-such-session", "__proto__", "toString"].map(withId),
  ];
};

async function wrongRequest(visitor: Visitor): Promise<void> {
  const session = await visitor.session();
  const { status, ...sending } = visitor.random.pick(mistakes(session, visitor));
  const reply = await visitor.http.send(sending);
  const text = await textOf(reply);
  if (reply.statusCode === status && text.includes('"error"')) return;
  throw new Wrong(
    `expected ${status}, got ${reply.statusCode} ${text.slice(0, 200)}: ${JSON.stringify(sending).slice(0, 300)}`,
  );
}

async function notHttp({ http, random }: Visitor): Promise<void> {
  const bytes = random.pick(["NONSENSE\r\n\r\n", "\x16\x03\x01\x02", `GET /${"x".repeat(20_000)} HTTP/1.1\r\n\r\n`]);
  const answer = await http.raw(bytes, 10_000);
  if (!/^HTTP\/1\.1 4\d\d /.test(answer)) throw new Wrong(`to bytes that are not HTTP: ${answer.slice(0, 200)}`);
}

export const wrongInput: readonly Kind[] = [
  { name: "wrong request", weight: 8, run: wrongRequest },
  { name: "not HTTP", weight: 1, run: notHttp },
];
