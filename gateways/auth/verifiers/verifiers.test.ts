/** What each verifier makes of its API's answers. */
import { hash } from "node:crypto";
import { expect, test } from "vitest";
import type { ApiAnswer } from "./ask-api.ts";
import { codaVerifier } from "./coda.ts";
import { firecrawlVerifier } from "./firecrawl.ts";
import { githubVerifier } from "./github.ts";
import { ApiUnavailable } from "./verifier.ts";

const makers = { coda: codaVerifier, github: githubVerifier, firecrawl: firecrawlVerifier };
type Name = keyof typeof makers;
const names = Object.keys(makers) as Name[];

const KEY = "fc-7da8b1ca1d2150c496e91440d777fea8";

interface Given {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** What a verifier says when its API answers so, and what it asked. */
async function verified(name: Name, { status = 200, headers = {}, body = {} }: Given, token = KEY) {
  const asked: [url: string, token: string][] = [];
  const answer: ApiAnswer = { status, header: (key) => headers[key], body };
  const verifier = makers[name](async (...question) => {
    asked.push(question);
    return answer;
  });
  try {
    return { said: await verifier.verifyToken(token), asked };
  } catch (error) {
    return { unavailable: error as ApiUnavailable, asked };
  }
}

test.each([
  ["coda", "https://coda.io/apis/v1/whoami", { loginId: "Ops@Example.org", type: "user" }, "ops@example.org"],
  ["github", "https://api.github.com/user", { login: "octocat", id: 583_231 }, "583231"],
  [
    "firecrawl",
    "https://api.firecrawl.dev/v2/team/credit-usage",
    { success: true, data: { remainingCredits: 0 } },
    `key-${hash("sha256", KEY, "hex").slice(0, 32)}`,
  ],
] as const)("%s asks %s with the token, and knows the account", async (name, url, body, clientId) => {
  const { said, asked } = await verified(name, { body });
  expect(asked).toEqual([[url, KEY]]);
  expect(said).toEqual({ valid: true, clientId });
});

test.each(names.flatMap((name) => [401, 403].map((status) => [name, status] as const)))(
  "%s: HTTP %i is a token that is refused",
  async (name, status) => {
    expect((await verified(name, { status })).said).toEqual({ valid: false, error: `HTTP ${status}` });
  },
);

test.each(names.flatMap((name) => [204, 400, 402, 404, 418].map((status) => [name, status] as const)))(
  "%s: HTTP %i says nothing of the token",
  async (name, status) => {
    expect((await verified(name, { status })).unavailable).toBeInstanceOf(ApiUnavailable);
  },
);

const strange: Readonly<Record<string, unknown>>[] = [
  {},
  { id: "583231", loginId: 7, success: "true" },
  { id: -1, loginId: "", success: 1 },
  { id: 1.5, loginId: null, success: null },
  { id: 2 ** 60, loginId: ["a"], success: {} },
];
test.each(names.flatMap((name) => strange.map((body) => [name, body] as const)))(
  "%s: an answer that names nobody admits nobody, and refuses nobody: %j",
  async (name, body) => {
    expect((await verified(name, { body })).unavailable).toBeInstanceOf(ApiUnavailable);
  },
);

test.each([
  [{ "x-ratelimit-remaining": "0" }, {}],
  [{ "retry-after": "30" }, {}],
  [{}, { message: "API rate limit exceeded for user" }],
  [{}, { message: "Maximum number of login attempts exceeded. Please try again later." }],
])("GitHub that has no time for us says so with 403: %j %j", async (headers, body) => {
  const { unavailable } = await verified("github", { status: 403, headers, body });
  expect(unavailable).toBeInstanceOf(ApiUnavailable);
  expect(unavailable?.retryAfter).toBe("retry-after" in headers ? 30 : undefined);
});

test.each([
  ["coda", "ghp_0123456789abcdefghijABCDEFGHIJ012345", true],
  ["coda", "github_pat_11ABC_def", true],
  ["coda", KEY, true],
  ["coda", "14460eab-8367-40a5-b430-33c40671f6f4", false],
  ["github", KEY, true],
  ["github", "ghp_0123456789abcdefghijABCDEFGHIJ012345", false],
  ["github", "0123456789abcdef0123456789abcdef01234567", false],
  ["firecrawl", "ghp_0123456789abcdefghijABCDEFGHIJ012345", true],
  ["firecrawl", "14460eab-8367-40a5-b430-33c40671f6f4", true],
  ["firecrawl", KEY, false],
] as const)("%s: whether %s is evidently a token of something else: %s", (name, token, isForeign) => {
  expect(makers[name]().foreign?.test(token) ?? false).toBe(isForeign);
});
