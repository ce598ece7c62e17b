/** What real clients do, against our own authorization server and gateway. */
import { expect, test, vi } from "vitest";
import { startOwn } from "../../kit/fixtures/own-server.ts";
import { steps, untilStopped, type Replay } from "./outcome.ts";
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

test.for(clients.map((client) => [client.title, client] as const))(
  "%s discovers, registers, logs in by each of its redirects, lists the tools, refreshes twice at once and logs out",
  async ([, client]) => {
    const { url, browser } = await startOwn();
    const { replay, ready } = await replayClient(client, url);
    expect(complaints(replay)).toEqual([]);
    for (const redirect of ready!.registered.redirects) {
      const only = { ...ready!, registered: { ...ready!.registered, redirects: [redirect] } };
      await untilStopped(() => liveThrough(replay, only, browser()));
    }
    expect(complaints(replay)).toEqual([]);
    expect([...replay.results.keys()]).toEqual(steps);
  },
);
