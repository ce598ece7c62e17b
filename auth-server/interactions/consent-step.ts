/** Letting a client in, or not. */
import { OFFLINE_ACCESS } from "../../gateways/auth/introspection.ts";
import { auditAuth } from "../audit.ts";
import { consentPage } from "../pages/consent.ts";
import { redirectOf } from "../pages/words.ts";
import type { User } from "../store/contract/users.ts";
import { clientWords } from "./client-words.ts";
import type { Asked } from "./consents.ts";
import { formIn, goTo, show, type Visit } from "./visit.ts";

/** Shows the page, or goes on where the user has allowed the same before. */
export async function showConsent(visit: Visit): Promise<void> {
  const user = await userOf(visit);
  if (user === undefined) return startAgain(visit);
  if (await mayGoOn(visit, user)) return allow(visit, user, "remembered");
  const { parts, login, frame, formTargets, res } = visit;
  const page = consentPage({
    ...frame,
    formTargets,
    client: clientWords(login),
    user: user.name,
    services: [{ name: login.service, url: login.resource }],
    scopes: [...login.scopes, OFFLINE_ACCESS],
    isKnown: await parts.consents.covers(askedOf(visit, user)),
  });
  show(res, page);
}

/** Takes what the form of the page has sent. @throws PageRefusal */
export async function takeConsent(visit: Visit): Promise<void> {
  const fields = await formIn(visit);
  const user = await userOf(visit);
  if (user === undefined) return startAgain(visit);
  switch (fields.get("step")) {
    case "allow":
      await visit.parts.consents.remember(askedOf(visit, user));
      return allow(visit, user, "allowed");
    case "deny":
      auditAuth(visit.parts.log, "denied", { ...fieldsOf(visit, user), reason: "denied the consent" });
      return visit.parts.logins.refuse(visit.req, visit.res, "the user has denied access");
    case "switch":
      return startAgain(visit);
    default:
      return showConsent(visit);
  }
}

/**
 * What was allowed before needs no page, but for programs on the user's device: any of them may call itself this client
 * (RFC 8252, section 8.6), so one press of a button is asked for each time.
 */
async function mayGoOn(visit: Visit, user: User): Promise<boolean> {
  const { prompt } = visit.interaction.params;
  const asksAgain = typeof prompt === "string" && prompt.split(" ").includes("consent");
  const isWeb = redirectOf(visit.login.redirectUri).kind === "web";
  return isWeb && !asksAgain && visit.parts.consents.covers(askedOf(visit, user));
}

async function allow(visit: Visit, user: User, how: string): Promise<void> {
  const { parts, login, req, res } = visit;
  auditAuth(parts.log, "consent", { ...fieldsOf(visit, user), how });
  await parts.logins.finish(req, res, { account: user.id, scopes: login.scopes });
}

/** Who is logged in; undefined when they may no longer be: their password was set anew since, or they are disabled. */
async function userOf({ parts, interaction, login }: Visit): Promise<User | undefined> {
  const user = await parts.users.find(login.account ?? "");
  const session = interaction.session && (await parts.provider.Session.findByUid(interaction.session.uid));
  if (user === undefined || user.isDisabled || session?.loginTs === undefined) return undefined;
  return session.loginTs * 1_000 + 999 >= user.changed ? user : undefined;
}

/** Logs out, and asks for the same again. */
async function startAgain({ parts, interaction, res }: Visit): Promise<void> {
  const params = Object.entries(interaction.params).filter(
    (pair): pair is [string, string] => typeof pair[1] === "string",
  );
  if (interaction.session !== undefined) await parts.store.records.endSession(interaction.session.uid);
  await interaction.destroy();
  goTo(res, `/oauth/authorize?${new URLSearchParams(params).toString()}`);
}

const askedOf = ({ login }: Visit, user: User): Asked => ({
  user: user.id,
  client: login.client.id,
  redirect: login.redirectUri,
  resource: login.resource,
  scopes: login.scopes,
});

const fieldsOf = ({ login }: Visit, user: User) => ({
  flow: login.flow,
  client: login.client.id,
  user: user.name,
  resource: login.resource,
  redirect: redirectOf(login.redirectUri).shown,
  scope: login.scopes.join(" "),
});
