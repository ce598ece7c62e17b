/** A client of a login, as the pages name it. */
import type { Login } from "../logins.ts";
import { redirectOf, shownName, type ClientWords } from "../pages/words.ts";

export const clientWords = ({ client, redirectUri }: Login): ClientWords => ({
  name: shownName(client.name),
  host: client.hasDocument ? new URL(client.id).host : undefined,
  redirect: redirectOf(redirectUri),
  isOnlyLocal: client.redirectUris.every((uri) => redirectOf(uri).kind !== "web"),
});
