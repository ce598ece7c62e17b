/** Replays clients against one service: without a login as far as that goes, then with the grants of a login. */
import { createHash, randomInt } from "node:crypto";
import type { OAuthClient } from "./profiles/profile.ts";
import { Replay, untilStopped } from "./outcome.ts";
import { authorize } from "./steps/authorize.ts";
import { discover } from "./steps/discovery.ts";
import { type Browser, liveThrough } from "./steps/grant.ts";
import { register } from "./steps/register.ts";
import { probeToken, type Ready } from "./steps/token.ts";

/** A client, and how far it came. */
export interface Replayed {
  readonly replay: Replay;
  /** What it knows at the page where its user logs in. @default - it did not come as far */
  readonly ready: Ready | undefined;
  /** Where it would listen, if it runs on the user's machine. */
  readonly port: number;
}

/**
 * Everything that can be seen without a login.
 * @param port where a client on the user's machine listens. @default - one that nobody listens on
 */
export async function replayClient(client: OAuthClient, url: string, port: number = somePort()): Promise<Replayed> {
  const replay = new Replay(client);
  const ready = await untilStopped(async () => {
    const discovered = await discover(replay, url);
    const registered = await register(replay, discovered, { port, callback: callbackOf(url) });
    await authorize(replay, discovered, registered);
    const known = { url, discovered, registered };
    await probeToken(replay, known);
    return known;
  });
  return { replay, ready, port };
}

/** A dynamic port (RFC 6335). */
const somePort = () => randomInt(49_152, 65_536);

/** As Codex makes it of the service's URL. */
const callbackOf = (url: string) => createHash("sha256").update(url).digest().subarray(0, 9).toString("base64url");

/** Whether its first redirect comes back to the port where we listen: some clients have one of their own, such as 8787. */
export function comesBackHere({ ready, port }: Replayed): boolean {
  const [redirect = ""] = ready?.registered.redirects ?? [];
  return redirect.startsWith("http:") && new URL(redirect).port === String(port);
}

/**
 * Lives through one login, as the first client whose redirect comes back here. What it finds is noted for each client that
 * came as far, and each of them tries the new token.
 * @returns the client that was logged in; undefined when there is none
 */
export async function replayLogin(all: readonly Replayed[], browser: Browser): Promise<OAuthClient | undefined> {
  const chosen = all.find(comesBackHere);
  if (!chosen?.ready) return undefined;
  const { replay, ready } = chosen;
  const peers = all.filter((one) => one.ready && one !== chosen).map((one) => one.replay);
  const before = new Set(replay.findings);
  await untilStopped(() => liveThrough(replay, ready, browser, peers));
  for (const [step, { findings }] of replay.results)
    for (const peer of step === "tools" ? [] : peers) {
      peer.enter(step);
      for (const finding of findings) if (!before.has(finding)) peer.adopt(step, finding);
    }
  return replay.client;
}
