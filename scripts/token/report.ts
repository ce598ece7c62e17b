/** What `npx gangway token` prints beside a token alone. */
import type { Service } from "../../stacks/catalog/entry.ts";
import type { TokenList } from "../../stacks/token-list.ts";
import { serviceToken } from "../../stacks/tokens.ts";
import { type Cell, renderTable } from "../kit/table.ts";

/** A service and what opens it. */
export interface ServiceToken {
  readonly service: string;
  readonly token: string;
}

/** The token of each service. */
export const serviceTokens = (master: string, services: readonly Service[]): ServiceToken[] =>
  services.map(({ name }) => ({ service: name, token: serviceToken(master, name) }));

/** A line for each service. */
export function tokenTable(tokens: readonly ServiceToken[]): string {
  const head = ["service", "token"].map((text): Cell => ({ text, style: "dim" }));
  const rows = tokens.map(({ service, token }): Cell[] => [{ text: service, style: "bold" }, { text: token }]);
  return renderTable([head, ...rows]).join("\n");
}

/** A line for each token that has a name. */
export function listTable(list: TokenList): string {
  const head = ["name", "services", "tools", "made", "ends"].map((text): Cell => ({ text, style: "dim" }));
  const rows = Object.entries(list).map(([name, { services, tools, created, expires }]): Cell[] => [
    { text: name, style: "bold" },
    { text: services.join(", ") },
    { text: tools?.join(", ") ?? "all" },
    { text: created.slice(0, 10) },
    { text: expires?.slice(0, 10) ?? "never" },
  ]);
  return renderTable([head, ...rows]).join("\n");
}

/** What to do after a new master has been put in front. */
export const afterRotation = (where: string, valid: number): string =>
  `${where} has a new token in front. ${valid} are valid from the next deploy on, so that nobody is locked out:

  1. deploy: npx gangway deploy local (or: edge services); npm start: stop it and start it again
     CI: npx gangway token --valid | gh secret set MCP_BEARER_TOKEN
  2. give every client its new token: npx gangway token --all
  3. when all have it: npx gangway token rotate --finish, and deploy again

Sessions of the old token go on until then.`;

/** What to do after the old masters have been taken away. */
export const afterFinish = (where: string, gone: number): string =>
  `${where} has only the newest token: ${gone === 1 ? "the old one is" : `${gone} old ones are`} refused from the next deploy on.

  npx gangway deploy local (or: edge services); npm start: stop it and start it again
  CI: npx gangway token --valid | gh secret set MCP_BEARER_TOKEN`;
