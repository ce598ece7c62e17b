/** What came of replaying a client, step by step. */
import { ask, NoReply, type Reply, type Sending } from "./ask.ts";
import type { OAuthClient } from "./profiles/profile.ts";
import { type ProblemName, problems } from "./problems.ts";

/** In their order. */
export const steps = [
  "401",
  "resource",
  "server",
  "register",
  "authorize",
  "token",
  "tools",
  "refresh",
  "revoke",
] as const;
export type Step = (typeof steps)[number];

/** What is wrong in a step. */
export interface Finding {
  readonly problem: ProblemName;
  readonly state: "warning" | "failed";
  readonly text: string;
  readonly remedy: string;
}

/** A step with nothing found is fine. */
export type Results = Map<Step, { readonly findings: Finding[]; says: string }>;

/** The words that fill in a problem's text. */
export type Words = Readonly<Record<string, string | number | null | undefined>>;

/** No later step can be taken. */
export class Stop extends Error {}

/** One client, and what its steps came to. */
export class Replay {
  readonly results: Results = new Map();
  readonly client: OAuthClient;
  #step: Step = "401";

  constructor(client: OAuthClient) {
    this.client = client;
  }

  /** Everything that was found from now on belongs to this step. */
  enter(step: Step): void {
    this.#step = step;
    if (!this.results.has(step)) this.results.set(step, { findings: [], says: "" });
  }

  /** What is worth a word although nothing is wrong with it. */
  say(words: string): void {
    this.results.get(this.#step)!.says = words;
  }

  /** @param state when it is another one than what the problem means to a client as this one */
  note(problem: ProblemName, words: Words = {}, state: Finding["state"] = stateFor(problem, this.client)): void {
    const { text, remedy } = problems[problem];
    const filled = text.replace(/\{(\w+)\}/g, (_place, word: string) => told(words[word]));
    this.#add({ problem, state, text: filled, remedy });
  }

  /** What was found with the login of another client, and means something to this one, too. */
  adopt(step: Step, { problem, text, remedy }: Finding): void {
    this.enter(step);
    this.#add({ problem, text, remedy, state: stateFor(problem, this.client) });
  }

  /** Twice the same is once. */
  #add(finding: Finding): void {
    const { findings } = this.results.get(this.#step)!;
    if (!findings.some(({ text }) => text === finding.text)) findings.push(finding);
  }

  /** Notes what ends the replay. */
  fail(problem: ProblemName, words: Words = {}): never {
    this.note(problem, words, "failed");
    return this.stop();
  }

  /** What comes next needs what has failed. */
  stop(): never {
    throw new Stop();
  }

  /** A request with this client's user agent and patience. @throws Stop when nothing comes back */
  async ask(url: string, sending: Omit<Sending, "timeout"> = {}): Promise<Reply> {
    const { userAgent, timeout } = this.client;
    const headers = { ...(userAgent !== undefined && { "user-agent": userAgent }), ...sending.headers };
    try {
      return await ask(url, { ...sending, headers, timeout });
    } catch (error) {
      if (error instanceof NoReply) return this.fail("no-reply", { url, reason: error.message });
      throw error;
    }
  }

  get findings(): readonly Finding[] {
    return [...this.results.values()].flatMap(({ findings }) => findings);
  }

  /** Whether a user of this client cannot log in, or stay logged in. */
  get hasFailed(): boolean {
    return this.findings.some(({ state }) => state === "failed");
  }
}

/** Runs steps until one stops. @returns what they return, or undefined */
export async function untilStopped<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Stop) return undefined;
    throw error;
  }
}

const stateFor = (problem: ProblemName, client: OAuthClient): Finding["state"] => {
  const { fails } = problems[problem] as { readonly fails?: (client: OAuthClient) => boolean };
  return (fails?.(client) ?? true) ? "failed" : "warning";
};

/** What a server says may be long. */
const LONGEST = 160;

function told(word: string | number | null | undefined): string {
  const text = String(word ?? "nothing").replace(/\s+/g, " ");
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
