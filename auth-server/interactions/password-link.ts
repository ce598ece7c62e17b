/** A link with which a user sets a password, so that the operator does not know it. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { qrCode } from "../../gateways/page/qr-code.ts";
import { auditAuth } from "../audit.ts";
import { passwordSetPage, setPasswordPage } from "../pages/set-password.ts";
import { BadPassword, hashPassword, requirePassword, SHORTEST } from "../users/passwords.ts";
import { digestOf } from "../users/secret-words.ts";
import { totpUri } from "../users/totp.ts";
import type { User } from "../store/contract/users.ts";
import { proofFor } from "./browser.ts";
import { readForm } from "./form-body.ts";
import { PageRefusal } from "./refusal.ts";
import { requireProof, show, type PagesParts } from "./visit.ts";

const usedUp = () =>
  new PageRefusal(404, {
    title: "This link does not work",
    text: "It was used already, or is older than a day. Ask whoever runs this server for a new one.",
  });

/** Shows the page of a link. @throws PageRefusal */
export async function showLink(
  parts: PagesParts,
  req: IncomingMessage,
  res: ServerResponse,
  secret: string,
): Promise<void> {
  await showForm(parts, req, res, { secret, user: await ownerOf(parts, secret), failed: undefined });
}

/** Sets the password. @throws PageRefusal */
export async function takeLink(
  parts: PagesParts,
  req: IncomingMessage,
  res: ServerResponse,
  secret: string,
): Promise<void> {
  const fields = await readForm(req, parts.config.issuer);
  requireProof(parts, req, fields, purposeOf(secret));
  const user = await ownerOf(parts, secret);
  const failed = await whatIsWrong(parts, user, fields, parts.addressOf(req));
  if (failed !== undefined) return showForm(parts, req, res, { secret, user, failed });
  const hash = await hashPassword(fields.get("password")!);
  if (!(await parts.users.useLink(secret, hash))) throw usedUp();
  auditAuth(parts.log, "password-set", { user: user.name, address: parts.addressOf(req) });
  show(res, passwordSetPage(user.totp === undefined ? [] : await parts.users.newRecoveryCodes(user.id)));
}

async function ownerOf({ users }: PagesParts, secret: string): Promise<User> {
  const user = await users.byLink(secret);
  if (user === undefined) throw usedUp();
  return user;
}

/** The code comes last: it counts once. */
async function whatIsWrong(
  { users, limits }: PagesParts,
  user: User,
  fields: URLSearchParams,
  address: string,
): Promise<string | undefined> {
  const password = fields.get("password") ?? "";
  try {
    requirePassword(password);
  } catch (error) {
    if (error instanceof BadPassword) return error.message;
    throw error;
  }
  if (password !== fields.get("again")) return "The two passwords differ.";
  if (user.totp === undefined) return undefined;
  const attempt = limits.begin(`code ${user.id}`, address);
  if (attempt.wait > 0) return `There were too many wrong codes. Try again in ${attempt.wait} seconds.`;
  if (!(await users.useTotp(user.id, fields.get("code") ?? "")))
    return "The code of the app is wrong. Type the one that it shows now.";
  attempt.succeeded();
  return undefined;
}

interface Shown {
  readonly secret: string;
  readonly user: User;
  readonly failed: string | undefined;
}

async function showForm(
  parts: PagesParts,
  req: IncomingMessage,
  res: ServerResponse,
  { secret, user, failed }: Shown,
): Promise<void> {
  const page = setPasswordPage({
    action: `/login/password/${secret}`,
    csrf: proofFor(parts.cookie.ensure(req, res), purposeOf(secret)),
    user: user.name,
    shortest: SHORTEST,
    failed,
    totp: user.totp && (await appOf(user.name, user.totp.secret, parts.config.issuer)),
  });
  show(res, page, failed === undefined ? 200 : 400);
}

const appOf = async (name: string, secret: string, issuer: string) => ({
  secret,
  qr: await qrCode(totpUri(secret, name, new URL(issuer).host)),
});

const purposeOf = (secret: string) => `password ${digestOf(secret)}`;
