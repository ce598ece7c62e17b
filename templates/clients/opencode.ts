import { env, headers } from "./dialects.ts";
import { inConfig } from "./folders.ts";
import type { FileClient, Place, Target } from "./format.ts";

const files = (place: Place) => ({ user: inConfig(place, "opencode", "opencode.json"), project: "opencode.json" });

/** Without `oauth: false` it looks for a login, and may drop the header. */
const remote = (target: Target) => ({
  type: "remote",
  url: target.url,
  ...(!target.hasLogin && { oauth: false }),
  ...headers(target, env),
});

const login = ({ name }: Target) => `Then: opencode mcp auth ${name}. It opens your browser.`;

export const opencode: FileClient = {
  id: "opencode",
  title: "OpenCode 1",
  checked: { version: "1.18.33", how: "live" },
  tokenBy: "reference",
  login,
  kind: "jsonc",
  files,
  edits: (target) => [{ at: ["mcp", target.name], value: { ...remote(target), enabled: true } }],
};

export const opencode2: FileClient = {
  id: "opencode-2",
  title: "OpenCode 2",
  checked: {
    version: "documentation of 2.2",
    how: "read",
    unverified: "npm has no version 2 yet, so nothing has run it",
  },
  tokenBy: "reference",
  login,
  kind: "jsonc",
  files,
  edits: (target) => [{ at: ["mcp", "servers", target.name], value: remote(target) }],
};
