/** The logs of the containers of a deployment: of all releases of a service, and of both streams of each. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { type Container, containersIn, containersOf, isOf } from "../kit/containers.ts";
import type { Deployment } from "../kit/deployment.ts";
import { type ContainerLine, InOrder, merge, readLine } from "./line.ts";
import type { Wanted } from "./wanted.ts";

type Show = (line: ContainerLine) => void;

/** Shows the lines of the services' containers. @throws Error when there are none, WrongUse for a service that has none */
export async function linesOfContainers(deployment: Deployment, wanted: Wanted, show: Show): Promise<void> {
  const picked = containersOf(wanted.services, await containersIn(deployment), deployment);
  const seen = new Map<string, string>();
  const past = await Promise.all(
    picked.map((container) => pastOf(deployment, container, wanted).then((lines) => noted(lines, container, seen))),
  );
  for (const line of merge(past, wanted.last)) show(line);
  if (wanted.follow) await follow(deployment, wanted, seen, show);
}

/** Remembers how far a log was read. What nobody wants counts, too. */
function noted({ lines, end }: Past, { id }: Container, seen: Map<string, string>): readonly ContainerLine[] {
  seen.set(id, end);
  return lines;
}

interface Past {
  readonly lines: readonly ContainerLine[];
  /** When the last of all was written; "" = there is none. */
  readonly end: string;
}

/** The last lines that are wanted, however many there are. */
async function pastOf(deployment: Deployment, container: Container, wanted: Wanted): Promise<Past> {
  const { last, since, matches } = wanted;
  const lines: ContainerLine[] = [];
  let end = "";
  await read(deployment, container, since === undefined ? [] : ["--since", since.forDocker], (line) => {
    if (line.at > end) end = line.at;
    if (!matches(line.text)) return;
    lines.push(line);
    if (lines.length > 2 * (last + LEEWAY)) lines.splice(0, lines.length - last - LEEWAY);
  });
  return { lines, end };
}

/** Two streams are not read in order: what is over by so many lines may still be among the last. */
const LEEWAY = 1_000;

/** Runs for as long as we do. A container that starts, because a release takes over or it was restarted, is followed from then on. */
async function follow(deployment: Deployment, { services, matches }: Wanted, seen: Map<string, string>, show: Show) {
  const order = new InOrder(show);
  const followed = new Set<string>();
  const lookAgain = async () => {
    const running = (await containersIn(deployment)).filter(({ state }) => state === "running");
    for (const container of running.filter((one) => isOf(one, services) && !followed.has(one.id))) {
      followed.add(container.id);
      const from = seen.get(container.id) ?? "";
      read(deployment, container, ["--follow", ...(from === "" ? [] : ["--since", from])], (line) => {
        if (line.at <= from) return;
        seen.set(container.id, line.at);
        if (matches(line.text)) order.add(line);
      })
        .catch(() => {}) // it has been removed meanwhile
        .finally(() => followed.delete(container.id));
    }
  };
  await lookAgain();
  const words = ["events", "--filter", `label=gangway.deployment=${deployment.label}`, "--filter", "event=start"];
  await eachLine(deployment.command([...words, "--format", "{{.ID}}"]), () => void lookAgain().catch(() => {}));
}

/** Reads a log to its end. */
async function read(
  deployment: Deployment,
  { id, name, service, part }: Container,
  flags: readonly string[],
  take: Show,
): Promise<void> {
  const from = { name, service, part };
  await eachLine(deployment.command(["logs", "--timestamps", ...flags, id]), (line) => take(readLine(line, from)));
}

/** Both streams of a program, line by line, to its end. It ends with us. @throws Error when it fails */
async function eachLine([program = "", ...words]: readonly string[], take: (line: string) => void): Promise<void> {
  const child = spawn(program, words, { stdio: ["ignore", "pipe", "pipe"] });
  const end = () => child.kill();
  process.once("exit", end);
  let last = "";
  for (const stream of [child.stdout, child.stderr])
    createInterface(stream).on("line", (line) => {
      last = line;
      take(line);
    });
  const [code] = (await once(child, "close")) as [number | null];
  process.off("exit", end);
  if (code !== 0) throw new Error(`${program} ${words[0]} ended with exit code ${code}: ${last}`);
}
