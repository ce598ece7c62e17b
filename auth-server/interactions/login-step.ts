/** Logging in: with a name and a password, a code of an app, or elsewhere. */
import { auditAuth } from "../audit.ts";
import { loginPage, totpPage } from "../pages/login.ts";
import { clientWords } from "./client-words.ts";
import { authenticate } from "../users/authenticate.ts";
import { isName, spelled } from "../users/names.ts";
import type { Try } from "./login-limits.ts";
import { expired } from "./refusal.ts";
import { finishLogin } from "./finish.ts";
import { formIn, goTo, show, type Visit } from "./visit.ts";

/** What a person who cannot log in is told, whatever the reason: nothing says whether there is such a user. */
const WRONG = "The name or the password is wrong.";
const WRONG_CODE = "The code is wrong, or was used already.";

/** Shows the page: the login, or the code that is owed. */
export function showLogin(
  visit: Visit,
  more: { failed?: string; name?: string; status?: number; wait?: number } = {},
): void {
  const { parts, login, frame, formTargets, res, step } = visit;
  const { failed, name = hintIn(visit), status = failed === undefined ? 200 : 401, wait } = more;
  const headers = wait === undefined ? {} : { "retry-after": String(wait) };
  if (step.account !== null) return show(res, totpPage({ ...frame, failed, formTargets }), status, headers);
  const page = loginPage({
    ...frame,
    name,
    failed,
    formTargets,
    client: clientWords(login),
    hasAccounts: parts.config.localAccounts,
    upstream: parts.upstream && { called: parts.upstream.called, href: `/login/${login.uid}/elsewhere` },
  });
  show(res, page, status, headers);
}

/** The user whom the client expects, where that may be one. Their name then stands in the form already. */
function hintIn({ interaction }: Visit): string | undefined {
  const { login_hint: hint } = interaction.params;
  return typeof hint === "string" && isName(hint) ? spelled(hint) : undefined;
}

/** Takes what a form of the login has sent. @throws PageRefusal */
export async function takeLogin(visit: Visit): Promise<void> {
  const fields = await formIn(visit);
  const { parts, login, res } = visit;
  switch (fields.get("step")) {
    case "password":
      return takePassword(visit, fields.get("name") ?? "", fields.get("password") ?? "");
    case "totp":
      return takeCode(visit, fields.get("code") ?? "");
    case "restart":
      await parts.steps.setAccount(login.uid, undefined);
      return goTo(res, `/login/${login.uid}`);
    case "cancel":
      auditAuth(parts.log, "denied", { flow: login.flow, client: login.client.id, reason: "cancelled the login" });
      return parts.logins.refuse(visit.req, res, "the user has cancelled the login");
    default:
      return showLogin(visit);
  }
}

async function takePassword(visit: Visit, name: string, password: string): Promise<void> {
  const { parts } = visit;
  if (!parts.config.localAccounts) throw expired();
  const attempt = begin(visit, spelled(name), name);
  if (attempt === undefined) return;
  const user = await authenticate(parts.users, name, password);
  if (user === undefined) return failed(visit, "wrong name or password", { failed: WRONG, name });
  attempt.succeeded();
  if (user.totp === undefined) return finishLogin(visit, user, ["pwd"]);
  await parts.steps.setAccount(visit.login.uid, user.id);
  goTo(visit.res, `/login/${visit.login.uid}`);
}

async function takeCode(visit: Visit, code: string): Promise<void> {
  const { parts, step } = visit;
  const user = await parts.users.find(step.account ?? "");
  if (user?.totp === undefined || user.isDisabled) throw expired();
  const attempt = begin(visit, `code ${user.id}`);
  if (attempt === undefined) return;
  const isRight = (await parts.users.useTotp(user.id, code)) || (await parts.users.useRecoveryCode(user.id, code));
  if (!isRight) return failed(visit, "wrong code", { failed: WRONG_CODE });
  attempt.succeeded();
  await finishLogin(visit, user, ["pwd", "otp"]);
}

/** Counts a try. @returns undefined when there were too many, which is then answered */
function begin(visit: Visit, who: string, name?: string): Try | undefined {
  const attempt = visit.parts.limits.begin(who, visit.parts.addressOf(visit.req));
  if (attempt.wait === 0) return attempt;
  const text = `There were too many failed tries. Try again in ${attempt.wait === 1 ? "a second" : `${attempt.wait} seconds`}.`;
  return failed(visit, "too many tries", {
    failed: text,
    status: 429,
    wait: attempt.wait,
    ...(name !== undefined && { name }),
  });
}

function failed(visit: Visit, reason: string, shown: Parameters<typeof showLogin>[1]): undefined {
  const { parts, login, req } = visit;
  // Not the name: people type passwords into the wrong field.
  auditAuth(parts.log, "login-failed", {
    flow: login.flow,
    client: login.client.id,
    address: parts.addressOf(req),
    reason,
  });
  showLogin(visit, shown);
}
