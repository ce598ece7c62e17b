/** What the people's side brings: users, and the pages on which they log in. */
import type { Accounts } from "./accounts.ts";
import type { AuthConfig } from "./config.ts";
import { BrowserCookie } from "./interactions/browser.ts";
import { Consents } from "./interactions/consents.ts";
import { LoginLimits } from "./interactions/login-limits.ts";
import { LoginPages } from "./interactions/pages.ts";
import { Steps } from "./interactions/steps.ts";
import { GitHubUpstream } from "./interactions/upstream/github.ts";
import { OidcUpstream } from "./interactions/upstream/oidc.ts";
import type { Upstream } from "./interactions/upstream/upstream.ts";
import type { Parts, Rooms } from "./server.ts";
import type { Store } from "./store/store.ts";
import { Users } from "./users/users.ts";

export const rooms: Rooms = {
  accounts: accountsIn,
  pages: (parts) => pagesOf(parts, upstreamOf(parts.config)),
};

/** Users who are disabled are nobody: their tokens end. */
export function accountsIn(store: Store): Accounts {
  return {
    find: async (id) => {
      const user = await store.users.find(id);
      return user && !user.isDisabled ? { id, username: user.name, teams: user.teams } : undefined;
    },
  };
}

/** The pages. @param upstream a login elsewhere, if there is one */
export const pagesOf = (parts: Parts, upstream: Upstream | undefined): LoginPages =>
  new LoginPages({
    ...parts,
    users: new Users(parts.store.users),
    consents: new Consents(parts.store.consents),
    steps: new Steps(parts.store.steps),
    limits: new LoginLimits(),
    cookie: new BrowserCookie(parts.config.issuer),
    addressOf: (req) => parts.addresses.of(req),
    upstream,
  });

function upstreamOf({ upstream }: AuthConfig): Upstream | undefined {
  if (upstream === undefined) return undefined;
  return upstream.issuer === "github" ? new GitHubUpstream(upstream) : new OidcUpstream(upstream);
}
