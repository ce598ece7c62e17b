/** What `gangway add` and `gangway remove` say. */
import { printable } from "../../gateways/printable.ts";
import { nameInCi } from "../kit/secret-lines.ts";
import { wrap } from "../kit/table.ts";
import type { Found } from "./find.ts";
import type { NewEntry } from "./entry-text.ts";

/** How many tools are named. */
const MOST = 12;

/** What was found out about a server. */
export function foundLines({ entry, trial, notes }: Found): string[] {
  const { spec } = entry;
  const tools = trial?.is === "up" ? trial.tools : [];
  const names = tools.slice(0, MOST).map(({ name }) => printable(name, { limit: 64 }));
  const more = tools.length > MOST ? ` and ${tools.length - MOST} more` : "";
  const list = names.length === 0 ? "" : `: ${names.join(", ")}${more}`;
  const says = trial?.is === "up" ? [`${spec} is ${whoIs(trial.server)} with ${count(tools.length)}${list}`] : [];
  return [...says, ...notes.map((note) => `! ${note}`)].flatMap((line) => wrap(line));
}

const count = (tools: number) => `${tools} ${tools === 1 ? "tool" : "tools"}`;

const whoIs = ({ name, version }: Partial<Record<"name" | "version", unknown>>) =>
  [name, version]
    .filter((said) => typeof said === "string" && said !== "")
    .map((said) => printable(said, { limit: 64 }))
    .join(" ") || "a server without a name";

/** What comes next. */
export function nextSteps({ name, secrets = [], optionalSecrets = [], port }: NewEntry, catalog: string): string[] {
  const all = [...secrets, ...optionalSecrets];
  return [
    `${name} is in ${catalog}, on port ${port}. Next:`,
    ...all.map(
      (secret) => `  put the value of ${secret} into .env${optionalSecrets.includes(secret) ? " (optional)" : ""}`,
    ),
    `  npx gangway start ${name}`,
    `  npx gangway clients --client claude-code ${name}   # how to connect a client`,
    "  commit the files above",
    ...all.map((secret) => `  gh secret set ${nameInCi(secret)}   # where CI deploys`),
  ];
}
