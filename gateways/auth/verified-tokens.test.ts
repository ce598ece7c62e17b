/** What is remembered of tokens, and how often the API is asked. */
import { pino } from "pino";
import { describe, expect, test, vi } from "vitest";
import type { GatewayError } from "../errors.ts";
import { secrets } from "../secrets.ts";
import { VerifiedTokens } from "./verified-tokens.ts";
import type { Verification } from "./verifiers/verifier.ts";

const silent = pino({ level: "silent" });

/** An API, and the tokens that it was asked about. */
function api(verify: (token: string) => unknown = (token) => ({ valid: true, clientId: token })) {
  const asked: string[] = [];
  const verifyToken = async (token: string) => {
    asked.push(token);
    return (await verify(token)) as Verification;
  };
  return { asked, verifier: { name: "api", verifyToken } };
}

const anybody = () => true;

const tokensOf = ({ verifier }: ReturnType<typeof api>, admits: (clientId: string) => boolean = anybody) =>
  new VerifiedTokens(verifier, admits, silent);

const refusal = async (asked: Promise<unknown>) => (await asked.catch((error: unknown) => error)) as GatewayError;

test("however many requests come with a token, the API is asked once", async () => {
  const one = api();
  const tokens = tokensOf(one);
  const all = await Promise.all(Array.from({ length: 50 }, () => tokens.ask("token-of-ann")));
  expect(all.every((known) => "clientId" in known)).toBe(true);
  await tokens.ask("token-of-ann");
  expect(one.asked).toHaveLength(1);
});

test("a valid token counts for five minutes, a wrong one for half a minute", async () => {
  const one = api((token) => (token === "right" ? { valid: true, clientId: "ann" } : { valid: false, error: "401" }));
  const tokens = tokensOf(one);
  await Promise.all([tokens.ask("right"), tokens.ask("wrong")]);
  const now = performance.now();
  expect(tokens.remembered("right", now + 299_000)).toEqual({ clientId: "ann" });
  expect(tokens.remembered("right", now + 301_000)).toBeUndefined();
  expect(tokens.remembered("wrong", now + 29_000)).toEqual({ refused: "api refuses the token: 401" });
  expect(tokens.remembered("wrong", now + 31_000)).toBeUndefined();
});

test("a flood of wrong tokens costs the API no more than its limit, and those who are known nothing", async () => {
  const one = api((token) => (token === "known" ? { valid: true, clientId: "ann" } : { valid: false, error: "401" }));
  const tokens = tokensOf(one);
  await tokens.ask("known");
  const errors: GatewayError[] = [];
  for (let count = 0; count < 500; count++)
    await tokens.ask(`wrong-${count}`).catch((error: unknown) => errors.push(error as GatewayError));
  expect(one.asked.length).toBeLessThan(40);
  expect(errors[0]).toMatchObject({ name: "token-unchecked", status: 503 });
  expect(errors[0]!.retryAfter).toBeGreaterThan(0);
  expect(await tokens.ask("known")).toEqual({ clientId: "ann" });
});

test("a token that was valid is asked about again, also during a flood", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    const one = api((token) => (token === "known" ? { valid: true, clientId: "ann" } : { valid: false, error: "" }));
    const tokens = tokensOf(one);
    await tokens.ask("known");
    vi.advanceTimersByTime(600_000);
    for (let count = 0; count < 100; count++) await tokens.ask(`wrong-${count}`).catch(() => {});
    expect(await tokens.ask("known")).toEqual({ clientId: "ann" });
    expect(one.asked.filter((token) => token === "known")).toHaveLength(2);
  } finally {
    vi.useRealTimers();
  }
});

test("thousands of wrong tokens, and valid ones of other accounts, push out no valid one", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    const one = api((token) =>
      token.startsWith("wrong") ? { valid: false, error: "" } : { valid: true, clientId: token },
    );
    const tokens = tokensOf(one, (clientId) => clientId === "ann");
    await tokens.ask("ann");
    for (let count = 0; count < 5_000; count++) {
      vi.advanceTimersByTime(1);
      await tokens.ask(count % 2 ? `wrong-${count}` : `foreign-${count}`, true);
    }
    expect(tokens.remembered("ann")).toEqual({ clientId: "ann" });
  } finally {
    vi.useRealTimers();
  }
});

test("of valid tokens no more than 256 are remembered and known to the log", async () => {
  const tokens = tokensOf(api());
  for (let count = 0; count < 300; count++) await tokens.ask(`valid-token-number-${count}.`, true);
  expect(tokens.remembered("valid-token-number-0.")).toBeUndefined();
  expect(tokens.remembered("valid-token-number-299.")).toBeDefined();
  expect(secrets.redacted("valid-token-number-299.")).toBe("[token]");
  expect(secrets.redacted("valid-token-number-0.")).toBe("valid-token-number-0.");
});

test("what one token is answered is never said of another one", async () => {
  const one = api((token) => (token === "ann-1" ? { valid: true, clientId: "ann" } : { valid: false, error: "" }));
  const tokens = tokensOf(one);
  const [right, wrong] = await Promise.all([tokens.ask("ann-1"), tokens.ask("ann-1 ")]);
  expect([right, wrong]).toMatchObject([{ clientId: "ann" }, { refused: expect.any(String) }]);
});

const away = (retryAfter?: number) => () => {
  throw Object.assign(new Error("HTTP 503 for secret-token"), { retryAfter });
};

describe("an API that cannot be asked", () => {
  test("refuses nobody: 503 with Retry-After, and nothing of the token", async () => {
    const error = await refusal(tokensOf(api(away(7))).ask("secret-token"));
    expect(error).toMatchObject({ name: "token-unchecked", status: 503, retryAfter: 7 });
    expect(error.message).not.toContain("secret-token");
  });

  test("is believed about its pause up to a minute", async () => {
    expect((await refusal(tokensOf(api(away(86_400))).ask("token-one"))).retryAfter).toBe(60);
    expect((await refusal(tokensOf(api(away(Number.NaN))).ask("token-one"))).retryAfter).toBe(2);
  });

  test("is not asked about strangers until the pause is over, and is about those who are known", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      let isAway = false;
      const one = api((token) => (isAway ? away()() : { valid: true, clientId: token }));
      const tokens = tokensOf(one);
      await tokens.ask("known-token");
      isAway = true;
      await refusal(tokens.ask("stranger-1"));
      await refusal(tokens.ask("stranger-2"));
      expect(one.asked).toEqual(["known-token", "stranger-1"]);
      vi.advanceTimersByTime(400_000);
      await refusal(tokens.ask("stranger-3"));
      isAway = false;
      expect(await tokens.ask("known-token")).toEqual({ clientId: "known-token" });
    } finally {
      vi.useRealTimers();
    }
  });

  test("leaves nothing behind: the next question is asked", async () => {
    let isAway = true;
    const one = api((token) => (isAway ? away()() : { valid: true, clientId: token }));
    const tokens = tokensOf(one);
    await refusal(tokens.ask("token-one"));
    isAway = false;
    expect(await tokens.ask("token-one", true)).toEqual({ clientId: "token-one" });
  });
});

test.each([
  undefined,
  null,
  "valid",
  {},
  { valid: "true", clientId: "ann" },
  { valid: true },
  { valid: true, clientId: "" },
  { valid: true, clientId: 7 },
  { valid: true, clientId: "x".repeat(257) },
])("a verifier that says %j has said nothing of the token", async (said) => {
  expect((await refusal(tokensOf(api(() => said)).ask("token-one"))).name).toBe("token-unchecked");
});

test("a verifier that repeats the token has it taken out", async () => {
  const tokens = tokensOf(api((token) => ({ valid: false, error: `bad ${token}` })));
  expect(await tokens.ask("token-one")).toEqual({ refused: "api refuses the token: bad [token]" });
});

test("whether an account is admitted may not be known yet, and then nothing is remembered", async () => {
  let known = false;
  const one = api();
  const tokens = tokensOf(one, () => {
    if (!known) throw new Error("not yet");
    return true;
  });
  await expect(tokens.ask("token-one")).rejects.toThrow("not yet");
  known = true;
  expect(await tokens.ask("token-one")).toEqual({ clientId: "token-one" });
});
