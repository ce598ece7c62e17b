/** Tells a chat of what was done, by its incoming webhook: Slack's, or any that takes the same JSON (Mattermost, Discord's /slack). */
import { type Settings, SettingsError } from "../../stacks/settings.ts";
import { NOTIFY_URL } from "../../stacks/settings/variables.ts";
import { tell } from "../kit/print.ts";
import type { Entry } from "./records.ts";

/** Tells of it. It never throws, and takes no longer than `BOUND`. */
export type Notify = (entry: Entry) => Promise<void>;

/** Milliseconds that a webhook has to answer. */
export const BOUND = 5_000;

/** Whoever knows the URL can write to the chat, so it is a secret: in no state, no plan and no message. */
const NAME = NOTIFY_URL;

/** @returns undefined where NOTIFY_URL is not set @throws SettingsError when it is no URL */
export function notifier(settings: Settings): Notify | undefined {
  const url = notifyUrl(settings);
  return url === undefined ? undefined : (entry) => post(url, textOf(entry));
}

/** @throws SettingsError that shows nothing of it */
export function notifyUrl(settings: Settings): string | undefined {
  const url = settings.value(NAME);
  if (url === undefined || (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))) return url;
  throw new SettingsError(
    `${settings.named(NAME)} is no URL, expected that of an incoming webhook: https://hooks.slack.com/services/...`,
  );
}

/** Posts a text, in which *this* is bold. A webhook that refuses, hangs or is not there is told, and nothing more. */
export async function post(url: string, text: string, bound = BOUND): Promise<void> {
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ text: escaped(text) }),
      redirect: "error",
      signal: AbortSignal.timeout(bound),
    });
    await answer.body?.cancel();
    if (!answer.ok) tell(`  ${NAME}: the webhook answered ${answer.status}, so nobody was notified`);
  } catch (error) {
    const why = (error as Error).name === "TimeoutError" ? `did not answer in ${bound / 1_000} s` : "cannot be reached";
    tell(`  ${NAME}: the webhook ${why}, so nobody was notified`);
  }
}

/** "*deploy of services (example.org) failed* by ada@example.org, ..." */
export function textOf(entry: Entry): string {
  const { action, stack, deployment, who, from, commit, services, result, reason, seconds } = entry;
  const ended = { ok: "is done", failed: "failed", interrupted: "was interrupted", killed: "was killed" }[result];
  const names = Object.keys(services);
  const details = [
    `by ${who} from ${from}`,
    ...(commit === undefined ? [] : [`commit ${commit}`]),
    ...(seconds === undefined ? [] : [`${seconds} s`]),
    names.length === 0 ? "no service changed" : `changed: ${names.join(", ")}`,
  ];
  const why = reason === undefined ? "" : `\n${reason}`;
  return `*${action} of ${stack} (${deployment}) ${ended}*: ${details.join(", ")}${why}`;
}

/** https://docs.slack.dev/messaging/formatting-message-text: these three stand for themselves only so. */
const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
