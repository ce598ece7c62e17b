import { expect, test } from "vitest";
import { BearerAuth } from "../auth/bearer.ts";
import type { Served } from "../served.ts";
import type { Exchange } from "../transports/exchange.ts";
import { Logins } from "./logins.ts";
import { Visitors } from "./visitor.ts";

const TOKEN = "right-token-of-some-length";

const exchangeWith = (headers: Record<string, string>, local = false) =>
  ({
    client: { address: "203.0.113.7", local },
    header: (name: string) => headers[name],
    req: { socket: { localPort: 8080 } },
  }) as unknown as Exchange;

const servedWith = (auth: BearerAuth) => ({ auth }) as unknown as Served;

function loggedIn() {
  const logins = new Logins();
  const visitors = new Visitors(logins);
  const cookie = `gangway-8080=${logins.open(TOKEN)}`;
  return { visitors, visitor: visitors.of(exchangeWith({ cookie })) };
}

test("a login opens what its token opens at the moment: one that is revoked opens nothing any more", async () => {
  const { visitor } = loggedIn();
  const auths = { before: new BearerAuth([TOKEN]), revoked: new BearerAuth(["a-newer-token"]) };
  let auth = auths.before;
  const served = {
    get auth() {
      return auth;
    },
  } as unknown as Served;
  expect(await visitor.knows(served)).toBe(true);
  expect((await visitor.principalAt(served))?.id).toMatch(/^token-/);
  auth = auths.revoked;
  expect(await visitor.knows(served)).toBe(false);
  expect(await visitor.principalAt(served)).toBeUndefined();
});

test("whoever is on this machine sees everything, and calls nothing that asks for a token", async () => {
  const { visitors } = loggedIn();
  const visitor = visitors.of(exchangeWith({}, true));
  const served = servedWith(new BearerAuth([TOKEN]));
  expect([await visitor.knows(served), await visitor.principalAt(served)]).toEqual([true, undefined]);
});

test("a service that asks for nothing may be called by everybody, and is known to those on this machine", async () => {
  const { visitors } = loggedIn();
  const served = servedWith(new BearerAuth([]));
  const [here, elsewhere] = [exchangeWith({}, true), exchangeWith({})].map((exchange) => visitors.of(exchange));
  expect([await here!.knows(served), await elsewhere!.knows(served)]).toEqual([true, false]);
  expect((await elsewhere!.principalAt(served))?.id).toBe("anonymous");
});

test("a token of its own counts in place of the cookie, and needs no proof", () => {
  const { visitors, visitor } = loggedIn();
  const program = visitors.of(exchangeWith({ authorization: "Bearer x" }));
  expect(program.login).toBeUndefined();
  program.requireOwnPage(undefined);
  expect(() => visitor.requireOwnPage(undefined)).toThrow(/does not prove/);
});

test("strangers cannot read the proof of those on this machine", () => {
  const { visitors } = loggedIn();
  const [stranger, here] = [visitors.of(exchangeWith({})), visitors.of(exchangeWith({}, true))];
  expect([stranger.isStranger, here.isStranger]).toEqual([true, false]);
  expect(() => here.requireOwnPage(stranger.csrf)).toThrow(/does not prove/);
  here.requireOwnPage(here.csrf);
});

test("the proof is the login's own, and nearly right is wrong", () => {
  const { visitors, visitor } = loggedIn();
  const { csrf } = visitor;
  expect(csrf).not.toBe(visitors.of(exchangeWith({})).csrf);
  visitor.requireOwnPage(csrf);
  for (const proof of ["", csrf.slice(1), `${csrf}x`, csrf.toLowerCase(), visitors.of(exchangeWith({})).csrf])
    expect(() => visitor.requireOwnPage(proof)).toThrow(/does not prove/);
});
