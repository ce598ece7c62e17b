import { env, headers } from "./dialects.ts";
import { inConfig } from "./folders.ts";
import type { FileClient } from "./format.ts";

export const kilo: FileClient = {
  id: "kilo",
  title: "Kilo Code",
  checked: { version: "CLI 7.7.7", how: "live", unverified: "no VS Code has run the extension" },
  tokenBy: "reference",
  login: ({ name }) => `Then: kilo mcp auth ${name}. It opens your browser.`,
  kind: "jsonc",
  files: (place) => ({ user: inConfig(place, "kilo", "kilo.jsonc"), project: ".kilo/kilo.jsonc" }),
  edits: (target) => [
    {
      at: ["mcp", target.name],
      value: {
        type: "remote",
        url: target.url,
        ...(!target.hasLogin && { oauth: false }),
        ...headers(target, env),
        enabled: true,
      },
    },
  ],
};
