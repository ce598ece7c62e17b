/** Runs the checks on one service and keeps what came of each. */
import type { ServiceHealth } from "../kit/hub.ts";
import { type Check, checks, skipped, type Subject, Unauthorized } from "./checks.ts";

/** What came of one check. */
export interface Outcome {
  readonly check: string;
  readonly state: "ok" | "failed" | "skipped";
  /** A word for the table, or what is wrong. */
  readonly detail: string;
  readonly hint: string | null;
}

/** What came of all checks of one service. */
export interface Findings {
  readonly service: ServiceHealth;
  readonly outcomes: readonly Outcome[];
}

/** Every check in its order. Without a session, those behind `init` are not tried. */
export async function examine(service: ServiceHealth, known: Pick<Subject, "visit" | "probe">): Promise<Findings> {
  const outcomes: Outcome[] = [];
  const subject = { ...known, name: service.name, tools: service.tools ?? undefined };
  if (service.state !== "up") return { service, outcomes };
  for (const check of checks) outcomes.push(await examineOne(check, subject, outcomes));
  return { service, outcomes };
}

/** Whether nothing failed: a service that lacks something has not. */
export function isFine({ service, outcomes }: Findings): boolean {
  return service.state !== "failed" && outcomes.every(({ state }) => state !== "failed");
}

async function examineOne(check: Check, subject: Subject, before: readonly Outcome[]): Promise<Outcome> {
  const hasSession = !before.some((outcome) => outcome.check === "init" && outcome.state === "failed");
  if (!hasSession && check.needsSession) return { check: check.name, state: "skipped", detail: skipped, hint: null };
  try {
    const detail = (await check.run(subject)) ?? "ok";
    return { check: check.name, state: detail === skipped ? "skipped" : "ok", detail, hint: null };
  } catch (error) {
    const hint = error instanceof Unauthorized ? error.hint : check.hint;
    return { check: check.name, state: "failed", detail: reason(error), hint };
  }
}

/** fetch hides why it failed one level down. */
function reason(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
