/** A body that is refused before its end: its connection may be a proxy's, on which somebody else's request comes next. */
import { once } from "node:events";
import { Agent, request, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { Browser, OAuthClient } from "../fixtures/client.ts";
import { formOf } from "../fixtures/form.ts";
import { startLogin, type RunningLogin } from "../fixtures/login-server.ts";

const FORM = "application/x-www-form-urlencoded";

/** Where a person would log in, with the cookies of their browser. */
async function loginForm({ issuer }: RunningLogin) {
  const client = new OAuthClient(issuer);
  await client.register();
  const browser = new Browser(issuer);
  const { action } = formOf(await (await browser.visit(client.authorizeUrl())).text());
  const cookie = [...browser.cookies].map((pair) => pair.join("=")).join("; ");
  return { path: action, headers: { cookie, "content-type": FORM } };
}

type Target = (auth: RunningLogin) => Promise<{ path: string; headers: OutgoingHttpHeaders }>;

const at =
  (path: string, type: string, secretOf?: string): Target =>
  async (auth) => ({
    path,
    headers: { "content-type": type, ...(secretOf && { authorization: `Bearer ${auth.secretOf(secretOf)}` }) },
  });

test.each<[string, Target, number]>([
  ["a registration that is too large", at("/oauth/register", "application/json"), 413],
  ["a registration of another kind", at("/oauth/register", "text/plain"), 400],
  ["an introspection that is too large", at("/oauth/introspect", FORM, "memory"), 413],
  ["an introspection of a stranger", at("/oauth/introspect", FORM), 401],
  ["a login that is too large", loginForm, 413],
  ["what nobody reads", at("/health", FORM), 200],
])("after %s the connection answers the next request", async (_, target, status) => {
  const auth = await startLogin();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const send = async (path: string, headers: OutgoingHttpHeaders = {}, body?: string) => {
    const method = body === undefined ? "GET" : "POST";
    const sent = request(auth.issuer + path, { agent, method, headers }).end(body);
    const [answer] = (await once(sent, "response")) as [IncomingMessage];
    await text(answer);
    return { status: answer.statusCode, isSame: sent.reusedSocket };
  };
  const { path, headers } = await target(auth);
  expect(await send(path, headers, "x".repeat(300_000))).toMatchObject({ status });
  expect(await send("/health")).toEqual({ status: 200, isSame: true });
});
