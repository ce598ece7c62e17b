/** Five minutes without a byte, on each way in through each proxy. All wait at once, so they take five minutes together. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { proxies, type ProxyName } from "../render.ts";
import { call, conversations, type WayIn } from "./conversations.ts";
import { LiveGateway, siteOf } from "./gateway.ts";
import type { Target } from "./asking.ts";
import { announce, isInstalled } from "./programs.ts";
import { RunningProxy } from "./running-proxy.ts";

/** Milliseconds. Most proxies give up after one or five minutes unless they are told otherwise. */
const SILENCE = 305_000;

const names = Object.keys(proxies) as ProxyName[];
const ways = Object.keys(conversations) as WayIn[];
const installed = names.filter(isInstalled);
const fronts = installed.flatMap((name) => [false, true].map((https) => ({ name, https, what: titleOf(name, https) })));

for (const name of names) announce(name);

describe.skipIf(installed.length === 0)("silence", () => {
  let gateway: LiveGateway;
  const running: RunningProxy[] = [];
  const answers = new Map<string, Promise<PromiseSettledResult<string | undefined>[]>>();

  beforeAll(async () => {
    gateway = await LiveGateway.start({ GANGWAY_ISOLATION: "shared" });
    for (const { name, https, what } of fronts) {
      const proxy = await RunningProxy.start(name, { https, sites: [siteOf(gateway)], allowed: [] });
      running.push(proxy);
      const target = proxy.target(https);
      answers.set(what, Promise.allSettled(ways.map((way) => silentCall(target, way))));
    }
  });

  afterAll(async () => {
    await Promise.all(running.map((proxy) => proxy.stop()));
    await gateway?.stop();
  });

  test.each(fronts)(`$what: ${SILENCE / 1_000} s end nothing`, { timeout: SILENCE + 240_000 }, async ({ what }) => {
    expect(await answers.get(what)).toEqual(ways.map(() => ({ status: "fulfilled", value: "at last" })));
  });
});

function titleOf(name: ProxyName, https: boolean): string {
  return `${name} over ${https ? "HTTPS" : "HTTP"}`;
}

/** A call that is answered after the silence, on a session that has said nothing meanwhile. */
async function silentCall(target: Target, way: WayIn) {
  const session = await conversations[way](target);
  const text = await call(session, "slow", { ms: SILENCE, text: "at last" });
  session.leave();
  return text;
}
