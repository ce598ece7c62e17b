/** Compares a machine with the steps of its first boot, and does what is missing. */
import type { Answer } from "../provision/host.ts";
import type { Machine } from "./connect.ts";
import type { Step } from "./step.ts";

/** The part of a machine that steps are done on. */
export type Worked = Pick<Machine, "name" | "asRoot">;

/** The steps that are still to be done, a line each and what it consists of. None: the machine is as we need it. */
export async function changesOf(machine: Worked, steps: readonly Step[]): Promise<string[]> {
  const lines: string[] = [];
  for (const step of steps) {
    if (await isSo(machine, step)) continue;
    lines.push(`would ${step.what}`, ...(await detailsOf(machine, step)).map((line) => `  would install ${line}`));
  }
  return lines;
}

/**
 * Does the steps that are still to be done, and looks after each whether it has worked.
 * @param say reports progress to a person, a line at a time
 * @throws Error that says which step failed, what it printed and what to do
 */
export async function makeSo(machine: Worked, steps: readonly Step[], say: (line: string) => void): Promise<void> {
  for (const step of steps) {
    if (await isSo(machine, step)) continue;
    say(step.what);
    const answer = await machine.asRoot(step.make);
    const isDone = answer.code === 0 && (await isSo(machine, step));
    if (!isDone) throw new Error(failed(machine, step, answer));
  }
}

/** @throws Error when nobody can say, because the connection broke */
async function isSo(machine: Worked, { what, check }: Step): Promise<boolean> {
  const answer = await machine.asRoot(check);
  if (answer.code === 255 || answer.code === null)
    throw new Error(
      `${machine.name}: whether to ${what} is not known, because the connection broke (${lastLines(answer, 1)}): try again`,
    );
  return answer.code === 0;
}

async function detailsOf(machine: Worked, { details }: Step): Promise<string[]> {
  if (details === undefined) return [];
  const { code, stdout } = await machine.asRoot(details);
  return code === 0 ? stdout.split("\n").filter((line) => line !== "") : [];
}

function failed({ name }: Worked, { what, remedy }: Step, answer: Answer): string {
  const isBroken = answer.code === 255 || answer.code === null;
  const next = isBroken
    ? "What was begun may go on there: wait a little"
    : remedy === undefined
      ? "Fix that"
      : `To fix it, ${remedy}`;
  return (
    `${name}: the step "${what}" ${endOf(answer)}. It printed:\n${lastLines(answer, 20)}\n` +
    `${next}, and deploy again: the steps before it are done and stay, and none after it was begun.`
  );
}

function endOf({ code }: Answer): string {
  if (code === 0) return "ended well, and changed nothing";
  if (code === 255) return "was cut off when the connection broke";
  return code === null ? "took too long" : `ended with exit code ${code}`;
}

const lastLines = ({ stdout, stderr }: Answer, count: number) =>
  [stdout, stderr]
    .join("\n")
    .trim()
    .split(/[\r\n]+/)
    .slice(-count)
    .join("\n") || "nothing";
