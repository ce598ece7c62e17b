/** Commands that may have to install a server before they run it, which takes as long as it takes. */
import { basename } from "node:path";

/** The words that follow a command and make it install. Undefined = the command always does. */
const RUNNERS: Readonly<Record<string, RegExp | undefined>> = {
  npx: undefined,
  pnpx: undefined,
  bunx: undefined,
  uvx: undefined,
  npm: /^(exec|x)$/,
  pnpm: /^(dlx|exec)$/,
  yarn: /^dlx$/,
  bun: /^x$/,
  uv: /^(run|tool)$/,
  pipx: /^run$/,
  deno: /^run$/,
  docker: /^run$/,
  podman: /^run$/,
};

/**
 * How long the first start of a package runner may take, in milliseconds: an install that is cut off leaves a broken cache
 * behind, and every later start fails for a reason that nobody connects with it (npm/cli#8083).
 */
export const INSTALL_TIME = 600_000;

/** @returns the name of the runner, or undefined when the command starts the server itself */
export function packageRunner(command: string, args: readonly string[]): string | undefined {
  const start = args.findIndex((word) => !word.includes("=") && !word.startsWith("-"));
  if (basename(command) === "env" && start >= 0) return packageRunner(args[start] as string, args.slice(start + 1));
  const name = basename(command).replace(/\.(cmd|exe|bat)$/i, "");
  if (!Object.hasOwn(RUNNERS, name)) return undefined;
  const needed = RUNNERS[name];
  const first = args.find((word) => !word.startsWith("-"));
  return needed === undefined || needed.test(first ?? "") ? name : undefined;
}
