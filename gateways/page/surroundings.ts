/** What the address of a page says: where it is, and why a login failed. */
import { pathOf, type Exchange } from "../transports/exchange.ts";
import type { Surroundings } from "./view/pages.ts";

/** Relative, so that any prefix of a proxy works: below as many folders as the path has. */
export function surroundingsOf({ req }: Exchange): Surroundings {
  const failed = new URLSearchParams(/\?.*/.exec(req.url ?? "")?.[0]).get("login");
  return {
    base: "../".repeat(pathOf(req.url).split("/").length - 2) || "./",
    failedLogin: failed === null ? undefined : (FAILED_LOGINS[failed] ?? FAILED_LOGINS["failed"]),
  };
}

/** By what `logIn` says in the address. */
const FAILED_LOGINS: Readonly<Record<string, string | undefined>> = {
  failed: "This token opens nothing here. Is it whole, and of this gateway?",
  later: "There were too many failed logins. Wait a minute, and try again.",
};
