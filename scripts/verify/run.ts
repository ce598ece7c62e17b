/** Runs the checks on one service and keeps each result. */
import type { ServiceHealth } from "../kit/hub.ts";
import { type Check, checks, InMaintenance, NotTheGateway, skipped, type Subject, Unauthorized } from "./checks.ts";

/** The result of one check. */
export interface Outcome {
  readonly check: string;
  readonly state: "ok" | "failed" | "skipped";
  /** A word for the table, or what is wrong. */
  readonly detail: string;
  readonly hint: string | null;
  /** Whether every later check would say the same. */
  readonly isFinal?: true;
}

/** The results of all checks of one service. */
export interface Findings {
  readonly service: ServiceHealth;
  readonly outcomes: readonly Outcome[];
}

/** Runs every check in order. Without a session, those that need one are skipped. */
export async function examine(
  service: ServiceHealth,
  known: Pick<Subject, "client" | "probe" | "tokens" | "login">,
): Promise<Findings> {
  const outcomes: Outcome[] = [];
  const subject = { ...known, name: service.name, tools: service.tools ?? undefined };
  if (service.state !== "up") return { service, outcomes };
  for (const check of checks) {
    const outcome = await examineOne(check, subject, outcomes);
    outcomes.push(outcome);
    if (outcome.isFinal) return { service, outcomes: [...outcomes, ...skippedAfter(check)] };
  }
  return { service, outcomes };
}

/** Whether nothing failed. A service that still needs something has not failed. */
export function isFine({ service, outcomes }: Findings): boolean {
  return service.state !== "failed" && outcomes.every(({ state }) => state !== "failed");
}

/** Whether nothing answered at all, which every check would repeat. */
export const isUnreached = ({ outcomes }: Findings): boolean => outcomes.some(({ hint }) => hint === NOT_REACHED);

const NOT_REACHED = "nothing answers there: is it running, and is this its address?";

const skippedAfter = (last: Check) => checks.slice(checks.indexOf(last) + 1).map(skip);

const skip = ({ name }: Check): Outcome => ({ check: name, state: "skipped", detail: skipped, hint: null });

async function examineOne(check: Check, subject: Subject, before: readonly Outcome[]): Promise<Outcome> {
  const hasSession = !before.some((outcome) => outcome.check === "init" && outcome.state !== "ok");
  if (!hasSession && check.needsSession) return skip(check);
  try {
    const detail = (await check.run(subject)) ?? "ok";
    return { check: check.name, state: detail === skipped ? "skipped" : "ok", detail, hint: null };
  } catch (error) {
    return { check: check.name, state: "failed", detail: reason(error), ...adviceFor(error, check, subject) };
  }
}

function adviceFor(error: unknown, { hint }: Check, { name }: Subject): Pick<Outcome, "hint" | "isFinal"> {
  if (isNoConnection(error)) return { hint: NOT_REACHED, isFinal: true };
  if (error instanceof NotTheGateway || error instanceof InMaintenance) return { hint: error.hint, isFinal: true };
  return { hint: error instanceof Unauthorized ? error.hint : hint.replaceAll("<service>", name) };
}

/** Where a name has several addresses, the error itself says nothing: each address has its own. */
function reason(error: unknown): string {
  const [first] = error instanceof AggregateError ? (error.errors as Error[]) : [];
  return (first ?? (error as Error)).message;
}

function isNoConnection(error: unknown): boolean {
  const [first] = error instanceof AggregateError ? (error.errors as Error[]) : [error];
  const { code } = first as NodeJS.ErrnoException;
  return code !== undefined && ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"].includes(code);
}
