/** One tool on the page: what it does, what it takes, and a place to try it. */
import type { ServiceStatus, Tool } from "../status.ts";
import { element, kept, type Child, type Element } from "./markup.ts";
import { copyable, cut, folded, json } from "./text.ts";

/** Characters of a schema: more than that nobody reads on a page. */
const SCHEMA = 20_000;

/** The tool, folded. `data-tool` tells the script which form belongs into it. */
export function toolView({ name: service, mayCall }: ServiceStatus, tool: Tool): Element {
  const { name, title, description, inputSchema, outputSchema, annotations } = tool;
  const heading = [
    element("code", { class: "name" }, name),
    element("span", { class: "muted" }, title ?? firstLine(description)),
  ];
  const inside = element(
    "div",
    { class: "inside" },
    description === undefined ? undefined : element("p", { class: "prose" }, description),
    hintsOf(annotations),
    mayCall ? kept("div", { class: "try" }, withoutScript) : undefined,
    schema("What it takes", inputSchema),
    schema("What it answers", outputSchema),
  );
  return folded(heading, inside, { class: "tool", "data-service": service, "data-tool": name });
}

const withoutScript = element("p", { class: "muted no-script" }, "To try it here, turn JavaScript on.");

const firstLine = (description = "") => cut(/^[^\n]*/.exec(description.trim())![0], 160);

const schema = (title: string, value: unknown): Child =>
  value === undefined
    ? undefined
    : folded(`${title} (JSON Schema)`, copyable(json(value, SCHEMA), title), { class: "schema" });

/** What a server claims of its tool (MCP, Tools, "ToolAnnotations"). */
function hintsOf(annotations: Tool["annotations"] = {}): Child {
  const readOnly = annotations["readOnlyHint"] === true;
  const hints = [
    readOnly ? "Only reads" : undefined,
    !readOnly && annotations["destructiveHint"] === true ? "May delete or overwrite" : undefined,
    annotations["openWorldHint"] === true ? "Reaches other systems" : undefined,
  ].filter((hint) => hint !== undefined);
  if (hints.length === 0) return undefined;
  return element(
    "p",
    { class: "hints" },
    hints.map((hint) => element("span", { class: "hint" }, hint)),
  );
}
