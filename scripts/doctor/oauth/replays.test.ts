import { expect, test } from "vitest";
import { clients } from "./profiles/all.ts";
import { COOKIE, type Fault, FaultyServer } from "./fixtures/faulty-server.ts";
import { type Replay, untilStopped } from "./outcome.ts";
import type { ProblemName } from "./problems.ts";
import { comesBackHere, replayClient } from "./replays.ts";
import type { Authorization } from "./steps/authorize.ts";
import { type Browser, liveThrough } from "./steps/grant.ts";

const all = clients.map(({ id }) => id);
const withDocument = clients.filter(({ document }) => document !== undefined).map(({ id }) => id);

/** Is logged in, and reads what the page says before it is. */
const browser: Browser = {
  visit: async ({ url }) => {
    const { headers } = await fetch(url, { headers: { cookie: COOKIE }, redirect: "manual" });
    return new URL(headers.get("location")!);
  },
  namedHosts: async ({ url, redirect }: Authorization) => {
    const page = await (await fetch(url)).text();
    return page.includes(redirect);
  },
};

/** Every client, as far as it comes. */
async function replayAll(url: string): Promise<Replay[]> {
  return Promise.all(
    clients.map(async (client) => {
      const { replay, ready } = await replayClient(client, url);
      if (ready) await untilStopped(() => liveThrough(replay, ready, browser));
      return replay;
    }),
  );
}

interface Found {
  readonly failed: readonly string[];
  readonly warned: readonly string[];
}

/** Who has this problem. */
function having(problem: ProblemName, replays: readonly Replay[]): Found {
  const those = (state: "failed" | "warning") =>
    replays
      .filter(({ findings }) => findings.some((one) => one.problem === problem && one.state === state))
      .map(({ client }) => client.id);
  return { failed: those("failed"), warned: those("warning") };
}

test("nothing is found wrong with a correct server, for any client", async () => {
  await using server = await FaultyServer.start();
  const found = (await replayAll(server.url)).flatMap(({ client, findings }) =>
    findings.map(({ text }) => `${client.id}: ${text}`),
  );
  expect(found).toEqual([]);
});

const loopback = ["claude-code", "cursor", "codex", "vscode", "sdk"];
const rest = (...ids: readonly string[]) => all.filter((id) => !ids.includes(id));

/** The rows of research on failed logins: what is broken, what it is called, whose login fails, and who is only warned. */
const rows: readonly {
  readonly row: string;
  readonly faults: readonly Fault[];
  readonly problem: ProblemName;
  readonly failed: readonly string[];
  readonly warned?: readonly string[];
}[] = [
  {
    row: "1 loopback ports",
    faults: ["exact-loopback-port"],
    problem: "redirect-refused",
    failed: ["claude-code", "codex", "vscode"],
  },
  {
    row: "2 rotation without grace",
    faults: ["no-grace"],
    problem: "refresh-race",
    failed: ["claude", "claude-code", "sdk"],
    warned: ["chatgpt", "cursor", "codex", "vscode"],
  },
  {
    row: "2 reuse within the grace",
    faults: ["no-grace"],
    problem: "refresh-grace",
    failed: ["claude", "claude-code", "sdk"],
    warned: ["chatgpt", "cursor", "codex", "vscode"],
  },
  { row: "3 short tokens", faults: ["short-tokens"], problem: "token-short", failed: [], warned: all },
  {
    row: "4 a preferred method",
    faults: ["preferred-method-only"],
    problem: "client-document-refused",
    failed: ["chatgpt"],
  },
  {
    row: "5 a redirect of each connector",
    faults: ["no-documents", "listed-redirects"],
    problem: "registration-refused",
    failed: ["chatgpt"],
  },
  {
    row: "6 resource without the path",
    faults: ["resource-without-path"],
    problem: "resource-mismatch",
    failed: ["claude", "claude-code", "chatgpt", "vscode"],
    warned: ["cursor", "codex", "sdk"],
  },
  { row: "7 a bot rule", faults: ["bot-rule-with-token"], problem: "verification-blocked", failed: ["claude"] },
  { row: "7 a bot rule for every request", faults: ["bot-rule"], problem: "blocked", failed: ["claude"] },
  { row: "8 a wrong audience", faults: ["refuses-tokens"], problem: "verification", failed: all },
  {
    row: "8 a trailing slash",
    faults: ["trailing-slash"],
    problem: "resource-mismatch",
    failed: ["claude", "claude-code", "chatgpt", "vscode"],
    warned: ["cursor", "codex", "sdk"],
  },
  {
    row: "9 a client for each connection",
    faults: ["no-documents", "new-client-each-time"],
    problem: "registration-repeated",
    failed: [],
    warned: all,
  },
  {
    row: "10 documents that cannot be read",
    faults: ["unreadable-documents"],
    problem: "client-unknown",
    failed: withDocument,
  },
  { row: "11 a wrong resource", faults: ["burns-codes"], problem: "code-burnt", failed: [], warned: all },
  { row: "12 two media types", faults: ["loose-media-type"], problem: "token-media-type", failed: [], warned: all },
  {
    row: "13 installations of one client",
    faults: ["one-grant-a-client"],
    problem: "grants-shared",
    failed: withDocument,
    warned: rest(...withDocument),
  },
  {
    row: "14 the form with a path",
    faults: ["no-path-form"],
    problem: "metadata-path",
    failed: ["codex"],
    warned: rest("codex"),
  },
  {
    row: "15 half an OpenID document",
    faults: ["half-oidc"],
    problem: "oidc-incomplete",
    failed: ["chatgpt"],
    warned: rest("chatgpt"),
  },
  {
    row: "16 consent that hides the redirect",
    faults: ["silent-consent"],
    problem: "consent-hides-redirect",
    failed: loopback,
    warned: ["claude", "chatgpt"],
  },
  { row: "no iss", faults: ["no-iss"], problem: "no-iss", failed: [], warned: ["chatgpt", "codex"] },
  {
    row: "no offline_access",
    faults: ["no-offline-access"],
    problem: "no-offline-access",
    failed: ["claude", "claude-code", "chatgpt", "codex"],
    warned: ["cursor", "vscode", "sdk"],
  },
  {
    row: "a relative challenge",
    faults: ["relative-challenge"],
    problem: "challenge-relative",
    failed: ["claude", "claude-code", "chatgpt"],
    warned: ["cursor", "codex", "vscode", "sdk"],
  },
  {
    row: "no way to register",
    faults: ["no-documents", "no-registration"],
    problem: "no-registration",
    failed: all,
  },
  {
    row: "a revocation without effect",
    faults: ["ignores-revocation"],
    problem: "revocation-late",
    failed: [],
    warned: all,
  },
  { row: "no token needed", faults: ["anonymous"], problem: "anonymous", failed: all },
];

test.for(rows)(
  "$row: $problem is found for those whose login fails",
  async ({ faults, problem, failed, warned = [] }) => {
    await using server = await FaultyServer.start(...faults);
    expect(having(problem, await replayAll(server.url))).toEqual({ failed, warned });
  },
);

test("a service that does not answer is told as that", async () => {
  const server = await FaultyServer.start();
  const { url } = server;
  await server[Symbol.asyncDispose]();
  expect(having("no-reply", await replayAll(url)).failed).toEqual(all);
});

test("the login that is lived through comes back to the port where the doctor listens", async () => {
  await using server = await FaultyServer.start();
  const replayed = await Promise.all(clients.map((client) => replayClient(client, server.url, 50_123)));
  const here = replayed.filter(comesBackHere).map(({ replay }) => replay.client.id);
  expect(here).toContain("sdk");
  expect(here).not.toContain("cursor"); // it listens at 8787
});
