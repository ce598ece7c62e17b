#!/usr/bin/env node
/** Draws the README's terminal from what the commands really print: node scripts/lab/terminal/main.ts > .github/terminal.svg */
import { services } from "../../../stacks/services.ts";
import { portVariable } from "../../../stacks/settings/variables.ts";
import { isTaken } from "../../kit/ports.ts";
import { Project, sh } from "../interop/start.ts";
import { picture } from "./picture.ts";

const call = `npx gangway call everything get-sum '{"a": 2, "b": 40}'`;

/** By its variable: the port that a reader sees, and one that is free here. */
const ports = await freePorts();
const variables = Object.fromEntries(ports.map(({ variable, free }) => [variable, String(free)]));
const environment = { ...variables, FORCE_COLOR: "1", MCP_BEARER_TOKEN: "" };

const project = new Project(environment);
try {
  const run = project.run(["start", "--silent"]);
  await run.says("Ctrl-C");
  const { stdout, stderr } = await sh(`cd '${project.path()}' && ${call}`, environment);
  if (stdout === "") throw new Error(stderr);
  const text = `${prompt("npm start")}\n${run.stdout.replace(/^\n+/, "").trimEnd()}\n\n${prompt(call)}\n${stdout}`;
  process.stdout.write(picture(asUsual(text), "npm start lists the services, and a call of a tool is answered"));
} finally {
  await project.remove();
}

/** As many digits as the usual ones have, so that columns stay columns. */
async function freePorts(): Promise<readonly { variable: string; usual: number; free: number }[]> {
  const usual = Object.entries(services).map(([name, { port }]) => ({ variable: portVariable(name), usual: port }));
  const found: { variable: string; usual: number; free: number }[] = [];
  let free = 6_200;
  for (const port of [{ variable: "HUB_PORT", usual: 3000 }, ...usual]) {
    do free++;
    while (await isTaken(free));
    found.push({ ...port, free });
  }
  return found;
}

function asUsual(text: string): string {
  return ports.reduce((said, { usual, free }) => said.replaceAll(`:${free}`, `:${usual}`), text);
}

function prompt(command: string): string {
  return `\u001b[2m$\u001b[22m \u001b[1m${command}\u001b[22m`;
}
