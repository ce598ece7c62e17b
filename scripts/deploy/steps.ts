/** Turns the events of `terraform apply` into the steps that a person sees. */
import * as z from "zod/mini";

const resource = z.object({ addr: z.string(), resource_type: z.string() });

const event = z.discriminatedUnion("type", [
  z.object({
    type: z.enum(["apply_complete", "apply_errored", "apply_progress"]),
    hook: z.object({ resource, action: z.string(), elapsed_seconds: z._default(z.number(), 0) }),
  }),
  z.object({ type: z.literal("provision_progress"), hook: z.object({ resource, output: z.string() }) }),
  z.object({
    type: z.literal("diagnostic"),
    diagnostic: z.object({ severity: z.string(), summary: z.string(), detail: z._default(z.string(), "") }),
  }),
]);

const done: Readonly<Record<string, string>> = { create: "created", update: "changed", delete: "removed" };

/**
 * The line for an event; most events have none.
 * @param json a line of `terraform apply -json`
 */
export function stepOf(json: unknown): string | undefined {
  const { data } = event.safeParse(json);
  if (data === undefined) return undefined;
  if (data.type === "diagnostic") return problemOf(data.diagnostic);
  const name = nameOf(data.hook.resource.addr);
  if (data.type === "provision_progress") return wordsOf(name, data.hook.output);
  const { resource, action, elapsed_seconds: seconds } = data.hook;
  // A release that is replaced stays on the engine, for a rollback.
  if (resource.resource_type === "docker_image" && action === "delete") return `${name} stays on the engine`;
  const isProgram = resource.resource_type === "terraform_data";
  if (isProgram && (action === "delete" || / (mounts|settings)$/.test(name))) return undefined; // nothing is done then
  const time = seconds < 1 ? "" : ` (${seconds} s)`;
  if (data.type === "apply_progress") return `${name} ...${time}`;
  if (data.type === "apply_errored") return `${name} failed${time}`;
  if (isProgram) return name.endsWith(" gate") ? `${name} passed${time}` : `${name}${time}`; // "memory secrets written"
  const verb = done[action];
  return verb && `${name} ${verb}${time}`;
}

/** What one of our own programs prints; not how it was called. */
function wordsOf(name: string, output: string): string | undefined {
  return output.startsWith("Executing: ") ? undefined : `${name}: ${output}`;
}

/** An error or a warning. A program of ours has printed its own already, line by line. */
function problemOf({ severity, summary, detail }: { severity: string; summary: string; detail: string }) {
  if (summary === "local-exec provisioner error") return undefined;
  if (summary === "execution halted") return undefined; // one for each resource that an interrupt kept from starting
  const words = [summary, detail].filter((part) => part !== "").join(": ");
  return `${severity}: ${words}${leftoverAdvice(words)}`;
}

/** For a name that is taken: Docker had made it, but an interrupt kept Terraform from recording it; or it is somebody else's. */
function leftoverAdvice(words: string): string {
  const network = /network with name (\S+) already exists/.exec(words)?.[1];
  const container = /container name "\/([\w.-]+)" is already in use/.exec(words)?.[1];
  if (network === undefined && container === undefined) return "";
  const [look, remove] =
    network === undefined
      ? [`docker inspect ${container}`, `docker rm -f ${container}`]
      : [`docker ps -a --filter network=${network}`, `docker network rm ${network}`];
  return `\n  An interrupted deploy left it behind, or it is somebody else's. See whose it is: ${look}. Only if nobody needs it: ${remove}, and deploy again`;
}

/**
 * A resource by the names of its constructs, without the suffix that makes it unique.
 * @param address "docker_container.memory_container_8F408BB5"
 */
function nameOf(address: string): string {
  const id = address.slice(address.indexOf(".") + 1).replace(/_[0-9A-F]{8}$/, "");
  const [first = "", ...rest] = id.split("_");
  return [first, ...rest.filter((word) => word !== "container" && !`-${first}`.endsWith(`-${word}`))].join(" ");
}
