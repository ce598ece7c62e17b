/** What a plan would change, without any values: fit for a public comment. */
import * as z from "zod/mini";
import { kindOf } from "./change-kind.ts";
import { type Cost, costsIn } from "./costs.ts";
import { containerChange, noticesOf } from "./notices.ts";
import { type PlannedReleases, releasesIn } from "./plan-releases.ts";
import { reviewChange } from "./review-change.ts";

/** Of a resource's values, only a container's variables, name, labels and mounts are read, and what decides a price. */
const values = z.optional(
  z.nullable(
    z.object({
      env: z.optional(z.unknown()),
      name: z.optional(z.unknown()),
      labels: z.optional(z.unknown()),
      mounts: z.optional(z.unknown()),
      size: z.optional(z.unknown()),
      price_monthly: z.optional(z.unknown()),
    }),
  ),
);

const plan = z.object({
  resource_changes: z._default(
    z.array(
      z.object({
        address: z.string(),
        change: z.object({ actions: z.array(z.string()), before: values, after: values }),
      }),
    ),
    [],
  ),
  // What was changed behind Terraform's back.
  resource_drift: z._default(
    z.array(z.object({ address: z.string(), change: z.object({ actions: z.array(z.string()) }) })),
    [],
  ),
  // The services pinned to an earlier release. Other outputs follow from the resources.
  output_changes: z._default(z.object({ pinned: z.optional(z.object({ actions: z.array(z.string()) })) }), {}),
});

/** The changes of one stack, by kind: addresses only. */
export interface Changes {
  readonly stack: string;
  readonly create: readonly string[];
  readonly update: readonly string[];
  readonly replace: readonly string[];
  readonly destroy: readonly string[];
  /** What changes about the reviewed tools of services, in words. */
  readonly tools: readonly string[];
  /** What the reader should know of before it happens, in words. */
  readonly notices: readonly string[];
  /** What those that are there are called, by their addresses. */
  readonly called: ReadonlyMap<string, string>;
  /** The releases that it starts, by their services. */
  readonly releases: PlannedReleases;
  /** What somebody has changed or removed since the last deploy, by its address. */
  readonly outside: ReadonlyMap<string, "changed" | "removed">;
  /** What its resources cost a month, those without a change among them. */
  readonly costs: readonly Cost[];
}

/** @param json what `terraform show -json` prints of a saved plan */
export function readChanges(stack: string, json: unknown): Changes {
  const { resource_changes: resources, resource_drift: drifted, output_changes: outputs } = plan.parse(json);
  const changes = [
    ...resources.map(({ address, change }) => ({ address, kind: kindOf(change.actions) })),
    ...(outputs.pinned ? [{ address: "output.pinned", kind: kindOf(outputs.pinned.actions) }] : []),
  ];
  const of = (kind: ReturnType<typeof kindOf>) =>
    changes.filter((one) => one.kind === kind).map(({ address }) => address);
  const tools = resources.flatMap(({ change }) =>
    reviewChange(variablesIn(change.before?.env), variablesIn(change.after?.env)),
  );
  const notices = noticesOf(resources.map(({ address, change }) => containerChange(address, change)));
  return {
    stack,
    create: of("create"),
    update: of("update"),
    replace: of("replace"),
    destroy: of("destroy"),
    tools,
    notices,
    called: new Map(resources.flatMap(({ address, change }) => nameIn(address, change.before?.name))),
    releases: releasesIn(resources),
    outside: new Map(
      drifted.map(({ address, change }) => [address, kindOf(change.actions) === "destroy" ? "removed" : "changed"]),
    ),
    costs: costsIn(resources),
  };
}

const nameIn = (address: string, name: unknown) =>
  typeof name === "string" && name !== "" ? [[address, name] as const] : [];

/** NAME=value each. What other resources call `env` may be anything. */
const variablesIn = (env: unknown): string[] =>
  Array.isArray(env) ? env.filter((variable) => typeof variable === "string") : [];

/** Whether nothing would change. */
export const isEmpty = ({ create, update, replace, destroy }: Changes): boolean =>
  [create, update, replace, destroy].every((addresses) => addresses.length === 0);

/** What the history of a host keeps of it. */
export const plannedIn = ({ create, update, replace, destroy, releases }: Changes) => ({
  changes: { create: create.length, update: update.length, replace: replace.length, destroy: destroy.length },
  services: releases,
});

/** How many changes there are, in one line. */
export function headline(changes: Changes): string {
  const { stack, create, update, replace, destroy } = changes;
  if (isEmpty(changes)) return `${stack}: no changes`;
  return `${stack}: ${create.length} to create, ${update.length} to change, ${replace.length} to replace, ${destroy.length} to destroy`;
}

/** For a terminal or a comment: a heading for the stack, a line for each resource. */
export function summarize(changes: Changes): string {
  if (isEmpty(changes)) return [`### ${headline(changes)}`, ...changes.notices].join("\n");
  const { create, update, replace, destroy, tools, notices } = changes;
  const lines = [
    ...create.map((address) => `+ ${address}`),
    ...update.map((address) => `~ ${address}`),
    ...replace.map((address) => `± ${address}`),
    ...destroy.map((address) => `- ${address}`),
    ...[...tools, ...notices].map((line) => `! ${line}`),
  ];
  return [`### ${headline(changes)}`, "```diff", ...lines, "```"].join("\n");
}
