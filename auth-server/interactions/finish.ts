/** Somebody has logged in. */
import { auditAuth } from "../audit.ts";
import type { User } from "../store/contract/users.ts";
import type { Visit } from "./visit.ts";

/** Sends the browser on to consent, as this user. @param methods how they have logged in (RFC 8176) */
export async function finishLogin(visit: Visit, user: User, methods: readonly string[]): Promise<void> {
  const { parts, req, res, login } = visit;
  await endOtherSession(visit, user.id);
  await parts.steps.setAccount(login.uid, undefined);
  await parts.users.loggedIn(user.id);
  const fields = { flow: login.flow, client: login.client.id, user: user.name, address: parts.addressOf(req) };
  auditAuth(parts.log, "login", { ...fields, methods: methods.join("+") });
  await parts.logins.finish(req, res, { account: user.id, methods });
}

/** oidc-provider would ask, with a script, whether the user who was logged in until now may be logged out. */
async function endOtherSession({ parts, interaction }: Visit, account: string): Promise<void> {
  const { session } = interaction;
  if (session === undefined || session.accountId === account) return;
  await parts.store.records.endSession(session.uid);
  delete interaction.session;
  await interaction.persist();
}
