/** `gangway shell`: opens a shell, or runs a command, in a container of a service. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { DEPLOYMENT_HELP, oneDeployment } from "./deploy/deployments.ts";
import { oneService } from "./kit/arguments.ts";
import { type Container, containersIn, containersOf } from "./kit/containers.ts";
import type { Deployment } from "./kit/deployment.ts";
import { defineVerb } from "./kit/verb.ts";

const usage = `npx gangway shell [flags] <service> [-- <command ...>]

Opens a shell in the container of a service's server, or of an app, or runs a
command there.

  --gateway    in the container of its gateway instead
  --user       as somebody else than 1000, whom servers and gateways run as
${DEPLOYMENT_HELP}
  --help       print this

Exit code: that of the shell or the command.`;

export const shell = defineVerb({
  name: "gangway shell",
  usage,
  flags: { gateway: "boolean", user: "string", env: "string" },
  takesNames: true,
  completes: "services",
  keepsFiles: false,
  run: async ({ gateway = false, user, env }, [name, ...command]) => {
    const service = oneService(name === undefined ? [] : [name], "shell");
    const deployment = await oneDeployment(
      env,
      `the server of npx gangway start runs as you do, in .gangway/work/${service}: cd there`,
    );
    const parts = gateway ? ["gateway"] : ["server", "app", "gateway", "auth"];
    const container = await oneContainer(service, parts, deployment);
    if (command.length === 0) await needsShell(container, deployment);
    return runIn(container, { user, command: command.length === 0 ? SHELL : command }, deployment);
  },
});

/**
 * The running container of one of these parts, of the first part that there is. While a release takes over, both serve: then the
 * newer one.
 * @throws Error when none runs, WrongUse for a service that has no container
 */
async function oneContainer(service: string, parts: readonly string[], deployment: Deployment): Promise<Container> {
  const own = containersOf([service], await containersIn(deployment), deployment);
  const running = own.filter(({ state }) => state === "running");
  const [found] = parts.flatMap((part) => running.filter((one) => one.part === part));
  if (found !== undefined) return found;
  const there = own.map(({ name, status }) => `${name} (${status})`).join(", ");
  throw new Error(`${service} has no running ${parts[0]} in ${deployment.where}. There is: ${there}`);
}

/** bash where there is one. */
const SHELL = ["sh", "-c", "if command -v bash >/dev/null; then exec bash; else exec sh; fi"];

/** @throws Error with what to do where an image has no shell */
async function needsShell({ id, name }: Container, { ask }: Deployment): Promise<void> {
  await ask(["exec", id, "sh", "-c", ":"]).catch((error: Error) => {
    if (!/exit code 12[67]$|executable file not found/.test(error.message)) throw error;
    throw new Error(
      `there is no shell in the image of ${name}. Its files: docker export ${name} | tar -t. A shell that sees its processes and ` +
        `its network: docker run --rm -it --pid container:${name} --network container:${name} node:24-slim bash`,
    );
  });
}

interface InContainer {
  /** @default - 1000 in images of ours, which start as root where they set routes first; an app's own in its image */
  readonly user: string | undefined;
  readonly command: readonly string[];
}

/** Runs it with our streams. @returns its exit code */
async function runIn({ id, part }: Container, { user, command }: InContainer, deployment: Deployment): Promise<number> {
  const hasTerminal = process.stdin.isTTY && process.stdout.isTTY;
  const as = user ?? (part === "app" ? undefined : "1000");
  const words = ["exec", "--interactive", ...(hasTerminal ? ["--tty"] : []), ...(as ? ["--user", as] : []), id];
  const [program = "", ...args] = deployment.command([...words, ...command], { hasTerminal });
  const child = spawn(program, args, { stdio: "inherit" });
  process.on("SIGINT", () => {}); // Ctrl-C is for what runs there
  const [code] = (await once(child, "close")) as [number | null];
  return code ?? 130;
}
