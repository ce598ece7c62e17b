import { pino } from "pino";
import { expect, test } from "vitest";
import type { GatewayError } from "../errors.ts";
import type { Principal } from "../principal.ts";
import { VerifyAuth, type VerifyParts } from "./verify.ts";

const OWN = "own-secret-0123456789";
const accounts: Readonly<Record<string, string>> = {
  [OWN]: "ops",
  "second-token-of-ops": "ops",
  "token-of-a-friend": "friend",
  "token-of-a-stranger": "stranger",
};

function authOf(more: Partial<VerifyParts> = {}) {
  const asked: string[] = [];
  const verifyToken = async (token: string) => {
    asked.push(token);
    const clientId = accounts[token];
    return clientId === undefined ? { valid: false as const, error: "401" } : { valid: true as const, clientId };
  };
  const auth = new VerifyAuth({
    verifier: { name: "api", verifyToken, foreign: /^other_/ },
    secret: { name: "API_TOKEN", value: OWN },
    allow: ["friend"],
    isOther: (token) => token === "the-gateway-s-own-token",
    log: pino({ level: "silent" }),
    ...more,
  });
  return { auth, asked };
}

const bearing = (authorization?: string, isGuess = false) => ({
  header: (name: string) => (name === "authorization" ? authorization : undefined),
  isGuess,
});

const identify = async (auth: VerifyAuth, token: string, isGuess = false) =>
  auth.identify(bearing(`Bearer ${token}`, isGuess));

/** Why a caller is refused. */
const reason = async (refused: Promise<unknown>) =>
  ((await refused.catch((error: unknown) => error)) as GatewayError).details["reason"];

test("every token of an account is the same principal, named as the API names it, with its own token", async () => {
  const { auth } = authOf();
  const [one, other] = [await identify(auth, OWN), await identify(auth, "second-token-of-ops")];
  expect(one).toEqual({ id: expect.stringMatching(/^api-[0-9a-f]{16}$/), name: "ops", credential: OWN });
  expect(other).toEqual({ ...one, credential: "second-token-of-ops" });
  expect((await identify(auth, "token-of-a-friend")).id).not.toBe(one.id);
});

test("the open streams of its callers are looked at again, and those of nobody else", async () => {
  const { auth } = authOf({ look: 5 });
  const caller = await identify(auth, OWN);
  const isOf = await new Promise<((principal: Principal) => boolean) | undefined>((recheck) =>
    auth.start({ ended: () => {}, recheck }),
  );
  auth.stop();
  expect([isOf!(caller), isOf!({ ...caller }), isOf!({ id: "token-1" })]).toEqual([true, false, false]);
});

test("a token that is remembered needs no promise: it is on the way of every call", async () => {
  const { auth } = authOf();
  await identify(auth, OWN);
  expect(auth.identify(bearing(`Bearer ${OWN}`))).not.toBeInstanceOf(Promise);
});

test.each([
  undefined,
  "",
  "Bearer",
  "Bearer ",
  "Basic b3BzOnNlY3JldA==",
  "Bearer ${CODA_API_TOKEN}",
  "Bearer <token>",
  "Bearer undefined",
  "Bearer short",
  "Bearer two words",
  `Bearer ${"x".repeat(5_000)}`,
  "Bearer tökenötökenö",
])("no API is asked about what can be no token: %j", async (header) => {
  const { auth, asked } = authOf();
  expect(() => auth.identify(bearing(header))).toThrow(expect.objectContaining({ name: "unauthorized" }));
  expect(asked).toEqual([]);
});

test.each(["other_service_token", "the-gateway-s-own-token"])("%s is not shown to the API", async (token) => {
  const { auth, asked } = authOf();
  expect(await reason(identify(auth, token))).toBe("the token of something else");
  expect(asked).toEqual([]);
});

test("a token that is tried at every service is not shown to the API of each", async () => {
  const { auth, asked } = authOf();
  expect(await reason(identify(auth, OWN, true))).toBe("unknown token");
  expect(asked).toEqual([]);
  await identify(auth, "token-of-a-friend");
  expect((await identify(auth, "token-of-a-friend", true)).name).toBe("friend");
});

test("the service's own secret counts there as soon as the API has said whose it is", async () => {
  const { auth, asked } = authOf();
  await auth.ownSecret!.start();
  expect((await identify(auth, OWN, true)).name).toBe("ops");
  expect(asked).toEqual([OWN]);
  auth.ownSecret!.stop();
});

test("a caller of another service is one of this one only if this one knows the token", async () => {
  const { auth } = authOf();
  const principal = await identify(auth, OWN);
  expect(auth.accepts(principal)).toBe(true);
  expect(auth.accepts({ id: principal.id })).toBe(false);
  expect(auth.accepts({ ...principal, id: "api-0000000000000000" })).toBe(false);
  expect(authOf().auth.accepts(principal)).toBe(false);
});

test("the audit is told why, and nothing of a token", async () => {
  const { auth } = authOf();
  const reasons = await Promise.all(
    ["token-of-a-stranger", "token-of-nobody"].map((token) => reason(identify(auth, token))),
  );
  expect(reasons).toEqual(["the token of another account, which is not admitted", "api refuses the token: 401"]);
});

test("without a secret the allow list alone decides", async () => {
  const { auth } = authOf({ secret: undefined });
  expect(await reason(identify(auth, OWN))).toMatch(/another account/);
  expect((await identify(auth, "token-of-a-friend")).name).toBe("friend");
});

test("an account is admitted as a whole: neither its beginning nor another case", async () => {
  const { auth } = authOf({ allow: ["frien", "FRIEND", "friend ", "*"] });
  expect(await reason(identify(auth, "token-of-a-friend"))).toMatch(/another account/);
});

/** Says of every token but the service's own whose it is. */
const away = async (token: string) => {
  if (token === OWN) throw new Error("away");
  return { valid: true as const, clientId: accounts[token]! };
};

test("while nobody knows whose the service's own secret is, only the allow list is admitted", async () => {
  const { auth } = authOf({ verifier: { name: "api", verifyToken: away } });
  await expect(identify(auth, "second-token-of-ops")).rejects.toMatchObject({ name: "token-unchecked" });
  expect((await identify(auth, "token-of-a-friend")).name).toBe("friend");
});
