import { headers } from "./dialects.ts";
import { inAppFolder } from "./folders.ts";
import type { FileClient, Target } from "./format.ts";

const inputOf = ({ name }: Target) => `${name}-token`;

const entryOf = (target: Target) => ({
  type: "http",
  url: target.url,
  ...headers(target, () => `\${input:${inputOf(target)}}`),
});

export const vscode: FileClient = {
  id: "vscode",
  title: "VS Code",
  checked: {
    version: "documentation of May 2026",
    how: "read",
    unverified: "no VS Code has run it",
  },
  tokenBy: "prompt",
  login: () => "VS Code asks whether it may log in when it starts the server, and opens your browser.",
  kind: "jsonc",
  files: (place) => ({ user: inAppFolder(place, "Code", "User", "mcp.json"), project: ".vscode/mcp.json" }),
  edits: (target) => [
    { at: ["servers", target.name], value: entryOf(target) },
    ...(target.token === undefined
      ? []
      : [{ at: ["inputs"], by: "id", is: inputOf(target), value: promptFor(target) }]),
  ],
  // An input is declared in the file alone: the command cannot add one.
  command: (target) =>
    target.token === undefined
      ? ["code", "--add-mcp", JSON.stringify({ name: target.name, ...entryOf(target) })]
      : undefined,
  note: ({ token }) => (token === undefined ? undefined : "VS Code asks for the token once, and keeps it."),
};

const promptFor = (target: Target) => ({
  type: "promptString",
  id: inputOf(target),
  description: `Token of ${target.name}`,
  password: true,
});
