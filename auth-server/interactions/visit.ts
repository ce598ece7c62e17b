/** One request of somebody's browser to the pages of a login. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { errors, type Interaction } from "oidc-provider";
import type { Login } from "../logins.ts";
import type { Parts } from "../server.ts";
import type { FormFrame } from "../pages/form.ts";
import { sent, type Page } from "../pages/document.ts";
import { formTargets } from "../pages/form-targets.ts";
import type { Step } from "../store/contract/logins.ts";
import type { Users } from "../users/users.ts";
import { isProof, proofFor, type BrowserCookie } from "./browser.ts";
import type { Consents } from "./consents.ts";
import { readForm } from "./form-body.ts";
import type { LoginLimits } from "./login-limits.ts";
import { expired, forged } from "./refusal.ts";
import type { Steps } from "./steps.ts";
import type { Upstream } from "./upstream/upstream.ts";

/** What all pages work with. */
export interface PagesParts extends Pick<Parts, "config" | "store" | "logins" | "provider" | "log"> {
  readonly users: Users;
  readonly consents: Consents;
  readonly steps: Steps;
  readonly limits: LoginLimits;
  readonly cookie: BrowserCookie;
  /** Another login. @default - accounts of our own alone */
  readonly upstream: Upstream | undefined;
  /** The address of whoever sends a request. */
  readonly addressOf: (req: IncomingMessage) => string;
}

/** A request that belongs to a login that is under way, in the browser in which it was begun. */
export interface Visit {
  readonly parts: PagesParts;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly url: URL;
  readonly login: Login;
  readonly interaction: Interaction;
  readonly step: Step;
  /** What every form of its pages needs. */
  readonly frame: FormFrame;
  /** Where its forms may lead. */
  readonly formTargets: readonly string[];
}

/** @param uid what the path names @throws PageRefusal when the login is over, or another browser's */
export async function visitOf(
  parts: PagesParts,
  req: IncomingMessage,
  res: ServerResponse,
  uid: string,
): Promise<Visit> {
  const interaction = await parts.provider.interactionDetails(req, res).catch(isOver);
  if (interaction?.uid !== uid) throw expired();
  const login = await parts.logins.of(req, res);
  const browser = parts.cookie.ensure(req, res);
  const step = await parts.steps.of(uid, browser);
  if (step === undefined) throw expired();
  return {
    parts,
    req,
    res,
    interaction,
    login,
    step,
    url: new URL(req.url ?? "/", parts.config.issuer),
    frame: { action: `/login/${uid}`, csrf: proofFor(browser, uid) },
    formTargets: formTargets(login.redirectUri),
  };
}

function isOver(error: unknown): undefined {
  if (!(error instanceof errors.SessionNotFound)) throw error;
}

/** The fields of a form that one of its pages has sent. @throws PageRefusal */
export async function formIn({ parts, req, login }: Visit): Promise<URLSearchParams> {
  const fields = await readForm(req, parts.config.issuer);
  requireProof(parts, req, fields, login.uid);
  return fields;
}

/** @param purpose what the form is for: nothing else accepts its proof @throws PageRefusal */
export function requireProof(
  { cookie }: PagesParts,
  req: IncomingMessage,
  fields: URLSearchParams,
  purpose: string,
): void {
  const browser = cookie.of(req);
  if (browser === undefined || !isProof(fields.get("csrf") ?? "", browser, purpose)) throw forged();
}

/** Answers with a page. */
export function show(
  res: ServerResponse,
  page: Page,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): void {
  const { headers: own, body } = sent(page);
  res.writeHead(status, { ...own, ...headers });
  res.end(body);
}

/** Sends the browser elsewhere, with GET. */
export function goTo(res: ServerResponse, location: string): void {
  res.writeHead(303, { location, "cache-control": "no-store", "referrer-policy": "no-referrer" });
  res.end();
}
