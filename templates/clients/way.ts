/** How a client gets into a service that has logins, tokens, or both. */
import { canLogIn, type Client, type Target } from "./format.ts";

/**
 * The service as this client connects to it: by its URL alone where the client logs in by itself; else where the token is taken.
 * What comes out of it comes out again of itself.
 */
export function wayFor(client: Client, target: Target): Target {
  const { name, url, token, keyUrl, hasLogin } = target;
  if (!hasLogin) return target;
  if (canLogIn(client) || token === undefined) return { name, url, hasLogin };
  return { name, url: keyUrl ?? url, token };
}

/** What to do where the service takes no token, and the client may not be able to log in. */
export const cannotLogIn = ({ kind, title }: Client, { name }: Target): string =>
  `${name} takes logins alone, and ${isProgram(kind) ? "this program does not log in" : `whether ${title} can log in is not known`}. To give it a token as well: auth: ["oauth", "bearer"] in the entry of ${name}.`;

const isProgram = (kind: Client["kind"]) => kind === "sh" || kind === "python" || kind === "typescript";
