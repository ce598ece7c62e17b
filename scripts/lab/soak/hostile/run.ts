/** `npm run soak -- --hostile`: a quiet run, then the attacks, beside one good client. */
import { fork } from "node:child_process";
import { join } from "node:path";
import { renderTable, right, wrap } from "../../../kit/table.ts";
import type { Finding } from "../judge.ts";
import type { Made } from "./attackers.ts";
import { judge, type Measured } from "./judge.ts";
import { MEMORY, Target, TOKENS } from "./target.ts";
import { Visitor } from "./visitor.ts";
import { tell } from "../../../kit/print.ts";

/** The share of the time that is quiet, and how long it is at least and at most, in milliseconds. */
const QUIET = { share: 1 / 4, least: 15_000, most: 60_000 };
/** Milliseconds beside an honest client that works hard. */
const NEIGHBOUR = 20_000;
/** Before it: what is compiled and loaded once is loaded. */
const WARM_UP = 5_000;

/** What came of a hostile run. */
export interface HostileResult extends Measured {
  readonly findings: readonly Finding[];
}

/** @param folder for files of the run; they are deleted with it */
export async function runHostile(minutes: number, folder: string): Promise<HostileResult> {
  const all = minutes * 60_000;
  const quietTime = Math.min(Math.max(all * QUIET.share, QUIET.least), QUIET.most);
  const target = await Target.start(folder);
  const visitor = new Visitor(target.port, TOKENS.visitor);
  await visitor.open();
  say(`limited to ${MEMORY / 1024 / 1024} MB by ${target.limit.how}`);
  await visitor.callUntil(Date.now() + WARM_UP);
  say(`quiet for ${Math.round(quietTime / 1_000)} s`);
  const quiet = await visitor.callUntil(Date.now() + quietTime);
  say(`beside a neighbour with large answers for ${NEIGHBOUR / 1_000} s`);
  const beside = visitedBy("neighbour", target, NEIGHBOUR);
  const accompanied = await visitor.callUntil(Date.now() + NEIGHBOUR);
  await beside;
  const hostileTime = Math.max(all - quietTime - NEIGHBOUR, QUIET.least);
  say(`attacked for ${Math.round(hostileTime / 1_000)} s`);
  const watch = new Watch(target);
  const attack = visitedBy("attacks", target, hostileTime);
  const attacked = await visitor.callUntil(Date.now() + hostileTime);
  const made = await attack;
  const { end, complaints } = target;
  const measured = {
    limitedBy: target.limit.how,
    limit: MEMORY,
    peak: watch.stop(),
    quiet,
    accompanied,
    attacked,
    made,
    end,
    complaints,
  };
  visitor.close();
  await target.stop();
  return { ...measured, findings: judge(measured) };
}

/** Starts the attackers, or the neighbour. Resolves with what they did. */
function visitedBy(who: "attacks" | "neighbour", { port, pid }: Target, ms: number): Promise<Made> {
  const words = [port, pid, ms, who].map(String);
  const attackers = fork(join(import.meta.dirname, "attackers.ts"), words, { stdio: "inherit" });
  const end = () => void attackers.kill("SIGKILL");
  process.once("exit", end);
  return new Promise((resolve) => {
    attackers.once("message", (made) => resolve(made as Made));
    attackers.once("exit", () => (process.off("exit", end), resolve({})));
  });
}

/** Looks now and then how much memory the gateway uses. */
class Watch {
  readonly #target: Target;
  readonly #timer: NodeJS.Timeout;
  #peak = 0;

  constructor(target: Target) {
    this.#target = target;
    this.#timer = setInterval(() => this.#look(), 250);
  }

  stop(): number {
    clearInterval(this.#timer);
    this.#look();
    return this.#peak;
  }

  #look(): void {
    this.#peak = Math.max(this.#peak, this.#target.memory);
  }
}

/** What the run prints at its end. */
export function reportHostile(result: HostileResult): string[] {
  const { quiet, accompanied, attacked, peak, limit, limitedBy, made, findings } = result;
  const all = [quiet, accompanied, attacked];
  const rows = [
    ["the good client's calls", ...all.map(({ made }) => String(made))],
    ["of which failed", ...all.map(({ failed }) => String(failed.length))],
    ["p50, ms", ...all.map(({ p50 }) => p50.toFixed(2))],
    ["p99, ms (median of windows of 5 s)", ...all.map(({ p99 }) => p99.toFixed(2))],
  ];
  const head = [{ text: "" }, right("quiet"), right("beside a neighbour"), right("attacked")];
  const table = renderTable([head, ...rows.map(([what = "", ...cells]) => [{ text: what }, ...cells.map(right)])]);
  const attacks = Object.entries(made).map(([name, times]) => `${name} ${times}`);
  const wrongs = findings.flatMap(({ what, from, to, most, look }) => [
    ...wrap(`${what}: ${from === "" ? "" : `${from} -> `}${to}, expected ${most}`),
    ...wrap(look, "    "),
  ]);
  return [
    "",
    ...table,
    "",
    `memory: at most ${mb(peak)} of ${mb(limit)} (${limitedBy})`,
    ...wrap(`attacks: ${attacks.join(", ")}`),
    "",
    ...wrongs,
    findings.length === 0 ? "borne" : "not borne",
  ];
}

const mb = (bytes: number) => `${Math.round(bytes / 1024 / 1024)} MB`;

const say = tell;
