/** The step of `npm start` that only services with logins need. */
import { placeName, readRedisUrl } from "../../auth-server/store/redis/redis-url.ts";
import type { Service } from "../../stacks/catalog/entry.ts";
import { hasKeyHost } from "../../stacks/settings/auth.ts";
import type { Settings } from "../../stacks/settings.ts";
import { readyAuthServer } from "../kit/auth-server.ts";
import { folder } from "../kit/folder.ts";
import { npmRunner } from "../kit/npm.ts";
import type { Progress } from "../kit/progress.ts";
import { AuthServer } from "./auth-server.ts";
import { prepareLogins, withLogins } from "./logins.ts";
import type { Logins } from "./report.ts";
import { countUsers } from "./users.ts";

/** What it needs from the verb. */
export interface LoginTools {
  readonly during: Progress;
  readonly signal: AbortSignal;
}

/** What has been started. */
export interface StartedLogins {
  readonly server: AuthServer;
  /** What the summary says of them. */
  readonly logins: () => Promise<Logins>;
}

/**
 * Installs the authorization server where it is missing, and starts it.
 * @returns undefined where no service has logins, or their issuer is one of the reader's own
 * @throws Error that says why it does not run
 */
export async function startLogins(
  services: readonly Service[],
  settings: Settings,
  { during, signal }: LoginTools,
): Promise<StartedLogins | undefined> {
  const ours = withLogins(services, settings);
  if (ours.length === 0) return undefined;
  const main = await readyAuthServer({ npm: () => npmRunner(settings.npmProgram, signal), during });
  const { issuer, variables } = await prepareLogins(services, settings);
  const env = { ...settings.environmentWith(["LOG_LEVEL"]), ...variables };
  const server = await AuthServer.start({ main, issuer, env, log: folder.log }, signal);
  const logins = async () => ({
    issuer,
    store: redisOf(settings.value("STATE_URL")),
    users: await countUsers(main, env),
    upstream: settings.value("UPSTREAM_ISSUER"),
    services: named(ours),
    withoutToken: named(ours.filter((service) => !hasKeyHost(settings.auth(service)))),
  });
  return { server, logins };
}

/** The server has read it, so it is a URL. */
const redisOf = (url: string | undefined) => (url === undefined ? undefined : placeName(readRedisUrl(url)));

const named = (some: readonly Service[]) => new Set(some.map(({ name }) => name));
