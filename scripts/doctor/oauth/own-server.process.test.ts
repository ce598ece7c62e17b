/** What real clients do, against our own authorization server and gateway. */
import { describe, expect, test, vi } from "vitest";
import { startOwn } from "./fixtures/own-server.ts";
import { untilStopped, type Replay } from "./outcome.ts";
import { clients } from "./profiles/all.ts";
import { replayClient } from "./replays.ts";
import { liveThrough } from "./steps/grant.ts";

// Makers serve the documents of their clients: no test fetches them.
vi.mock("../../../auth-server/clients/public-fetch.ts", async (original) => {
  const { documentAt } = await import("./profiles/all.ts");
  const fetchPublic = (url: string) =>
    Promise.resolve({ text: JSON.stringify({ client_id: url, ...documentAt(url) }), cacheControl: "" });
  return { ...(await original<object>()), fetchPublic };
});

const complaints = ({ findings }: Replay) => findings.map(({ problem, text }) => `${problem}: ${text}`);

describe.each(clients.map((client) => [client.title, client] as const))("%s", (_, client) => {
  test("discovers, registers, logs in, lists the tools, refreshes twice at once and logs out", async () => {
    const { url, browser } = await startOwn();
    const { replay, ready } = await replayClient(client, url);
    expect(complaints(replay)).toEqual([]);
    await untilStopped(() => liveThrough(replay, ready!, browser()));
    expect(complaints(replay)).toEqual([]);
    expect([...replay.results.keys()]).toEqual([
      "401",
      "resource",
      "server",
      "register",
      "authorize",
      "token",
      "tools",
      "refresh",
      "revoke",
    ]);
  });

  test("comes back to each of its redirects", async () => {
    const { url, browser } = await startOwn();
    const { replay, ready } = await replayClient(client, url);
    for (const redirect of ready!.registered.redirects) {
      const only = { ...ready!, registered: { ...ready!.registered, redirects: [redirect] } };
      await untilStopped(() => liveThrough(replay, only, browser()));
    }
    expect(complaints(replay)).toEqual([]);
  });
});
