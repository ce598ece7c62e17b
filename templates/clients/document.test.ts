/** gateways/CLIENTS.md says what the verb prints. `-u` writes its table again. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { clients } from "./clients.ts";
import { canLogIn, type Client, type Target, type TokenBy } from "./format.ts";
import { isFile, render } from "./render.ts";
import { somewhere } from "./samples.ts";
import { variableOf } from "./variable.ts";

const file = join(import.meta.dirname, "../../gateways/CLIENTS.md");
const document = readFileSync(file, "utf8");

const memory: Target = { name: "memory", url: "http://127.0.0.1:8082/mcp" };
const withToken: Target = { ...memory, token: { variable: variableOf("memory") } };

/** Without the layout that the formatter gives JSON. */
const content = (language: string, text: string): string =>
  language.startsWith("json") ? JSON.stringify(JSON.parse(text)) : text.trim();

const printed = clients.flatMap((client) =>
  [memory, withToken].flatMap((target) => {
    const { text, command = "", format } = render(client, [target], somewhere);
    return [content(format, text), command];
  }),
);

const blocks = Array.from(document.matchAll(/^```(\w+)\n(.*?)^```$/gms), ([, language = "", text = ""]) => ({
  language,
  text,
})).filter(({ text }) => !/^(npx gangway|export) /.test(text));

test("there are examples", () => {
  expect(blocks.length).toBeGreaterThan(4);
});

test.each(blocks)("the verb prints this: $text", ({ language, text }) => {
  expect(printed).toContain(content(language, text));
});

test("the table has every client, and what is known of it", async () => {
  const [before = ""] = document.split(/^\| client /m);
  await expect(`${before}${table().join("\n")}\n`).toMatchFileSnapshot(file);
});

const how: Readonly<Record<Client["checked"]["how"], string>> = { live: "connected", read: "read" };

const token: Readonly<Record<TokenBy, string>> = {
  reference: "by a variable",
  value: "in the file",
  prompt: "asks for it",
  ui: "entered by hand",
};

function table(): string[] {
  const rows = clients.map((client) => {
    const { id, title, checked, tokenBy } = client;
    const { user, project } = isFile(client) ? client.files(somewhere) : {};
    const where = user ?? project;
    return [
      title,
      `\`${id}\``,
      where === undefined ? "" : `\`${where}\``,
      token[tokenBy],
      canLogIn(client) ? "yes" : "",
      `${checked.version}, ${how[checked.how]}`,
      checked.unverified ?? "",
    ];
  });
  const head = ["client", "`--client`", "file", "token", "logs in", "checked", "not verified"];
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]!.length)));
  const line = (row: readonly string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)];
}
