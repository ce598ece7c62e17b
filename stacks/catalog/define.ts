/** From what is written in services.ts to services: every entry is checked, and its defaults are filled in. */
import { shownCatalog } from "../project.ts";
import { findProblems } from "./check.ts";
import { membersOf } from "./containers.ts";
import type { Probe, Service, ServiceEntry } from "./entry.ts";
import { ownOptions } from "./options.ts";

/** What is wrong with the catalog: every problem at once, one line each. */
export class CatalogError extends Error {
  override readonly name = "CatalogError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the catalog (${shownCatalog}) has ${count(problems, "problem")}:\n${problems.map(indent).join("\n")}`);
    this.problems = problems;
  }
}

/**
 * Checks the entries and fills in their defaults.
 * @throws CatalogError with every problem: the entry's name, what is wrong, what was found, what was expected
 */
export function defineServices<K extends string>(
  entries: Record<K, ServiceEntry<NoInfer<K>>>,
): Readonly<Record<K, Service>> {
  const problems = findProblems(entries);
  if (problems.length > 0) throw new CatalogError(problems);
  const all = Object.entries<ServiceEntry>(entries);
  const groupsOf = (name: string) => all.filter(([, entry]) => membersOf(entry).includes(name)).map(([group]) => group);
  const services = all.map(([name, entry]) => [name, complete(name, entry, groupsOf(name))]);
  return Object.freeze(Object.fromEntries(services));
}

function complete(name: string, { probe, ...entry }: ServiceEntry, groups: readonly string[]): Service {
  const withDefaults = { name, groups, ...defaultsFor(name), ...entry };
  const service = { ...withDefaults, ...(probe && { probe: callOf(probe, entry) }) };
  return Object.freeze(service as Service);
}

/** The call that a client has to make: where tools are found by a search, they are called through one of its own. */
function callOf({ tool, arguments: given = {} }: Probe, { discovery }: Partial<ServiceEntry>): Required<Probe> {
  if (discovery !== "search") return { tool, arguments: given };
  return { tool: "call_tool", arguments: { name: tool, arguments: given } };
}

function defaultsFor(name: string): Record<string, unknown> {
  const values = Object.entries(ownOptions).flatMap(([option, rule]) => {
    const value = "default" in rule ? rule.default : undefined;
    return value === undefined ? [] : [[option, typeof value === "function" ? value(name) : value] as const];
  });
  return Object.fromEntries(values);
}

const count = (items: readonly unknown[], noun: string) => `${items.length} ${noun}${items.length === 1 ? "" : "s"}`;
const indent = (line: string) => `  ${line}`;
