/** The check of `gangway doctor --oauth`: every client's replay, and one login for all of them. */
import { Callback } from "./callback.ts";
import { clients } from "./profiles/all.ts";
import { replayClient, replayLogin, type Replayed } from "./replays.ts";
import type { Report } from "./report.ts";

/** @param logIn whether somebody is there to log in */
export async function checkLogins(url: string, logIn: boolean): Promise<Report> {
  const callback = logIn ? await Callback.listen() : undefined;
  try {
    const all: Replayed[] = [];
    for (const client of clients) all.push(await replayClient(client, url, callback?.port));
    const loggedIn = callback && (await replayLogin(all, callback));
    return { url, replays: all.map(({ replay }) => replay), loggedIn };
  } finally {
    callback?.close();
  }
}
