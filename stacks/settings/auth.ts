/** How the callers of each service prove who they are: its entry says so, or `AUTH` for those that do not. */
import type { Service } from "../catalog/entry.ts";
import { kindOf } from "../catalog/kinds/registry.ts";

/** A way to prove it. */
export type AuthKind = "bearer" | "verify" | "oauth";

/** What decides it for a service. */
export type Authenticated = Pick<Service, "server"> & { readonly auth?: string | readonly string[] | undefined };

/**
 * The ways of one service; none of an app(), which has no gateway.
 * @param forAll what `AUTH` says @default - bearer
 */
export function authKinds({ server, auth }: Authenticated, forAll: string | undefined): readonly AuthKind[] {
  if (kindOf(server).role === "app") return [];
  return kindsIn(auth ?? forAll ?? "bearer") as AuthKind[];
}

/** The ways that a text or a list names. */
export const kindsIn = (written: string | readonly string[]): readonly string[] =>
  [written].flat().flatMap((text) => text.split(/[\s,]+/).filter((word) => word !== ""));

/** Whether callers log in. */
export const isLogin = (kinds: readonly string[]): boolean => kinds.includes("oauth");

/** Whether they may also show a token, which then has a host name, or here a port, of its own: clients drop it where they find OAuth. */
export const hasKeyHost = (kinds: readonly string[]): boolean => isLogin(kinds) && kinds.includes("bearer");

/** How far the port for tokens is above a service's own, where no variable says otherwise. */
export const KEY_PORT_DISTANCE = 1000;

/** Where the authorization server listens, where `AUTH_PORT` says nothing else. */
export const AUTH_PORT = 8078;
