/** What a plan changes about the reviewed tools of a service, from the variables of its container. */
import { printable } from "../../gateways/printable.ts";

/**
 * A line such as `memory: reviewed tools: read_graph (changed), later (new)`; none where nothing changes. A new container that
 * had no review before has nothing to compare.
 * @param before the variables of the container that runs, as NAME=value
 */
export function reviewChange(before: readonly string[], after: readonly string[]): string[] {
  const [was, is] = [toolsIn(before), toolsIn(after)];
  if (was === undefined || is === undefined) return [];
  const names = [...new Set([...was.keys(), ...is.keys()])].toSorted();
  const told = names.flatMap((name) => {
    if (was.get(name) === is.get(name)) return [];
    const what = was.has(name) ? (is.has(name) ? "changed" : "gone") : "new";
    return [`${printable(name)} (${what})`];
  });
  return told.length === 0 ? [] : [`${valueOf(after, "SERVICE_NAME")}: reviewed tools: ${told.join(", ")}`];
}

/** The digests by name, as `reviewedTools` writes them; "none" is a server without tools. */
function toolsIn(variables: readonly string[]): ReadonlyMap<string, string> | undefined {
  const text = valueOf(variables, "REVIEWED_TOOLS");
  if (text === undefined) return undefined;
  const words = text.split(",").filter((word) => word.includes("="));
  return new Map(words.map((word) => [decodeURIComponent(word.slice(0, word.lastIndexOf("="))), word]));
}

const valueOf = (variables: readonly string[], name: string) =>
  variables.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
