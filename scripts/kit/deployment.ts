/** A deployment on a Docker engine, as the verbs see it that look after one. */

/** How a docker command is run. */
export interface HowToRun {
  /** Whether it has our terminal. @default false */
  readonly hasTerminal?: boolean;
}

/** What a deploy has put on one engine. */
export interface Deployment {
  readonly environment: "local-docker" | "production";
  readonly stack: "local" | "services";
  /** What its containers are labelled with. */
  readonly label: string;
  /** Whose engine it is, for a sentence: "this machine's Docker", "the Docker of root@203.0.113.5". */
  readonly where: string;
  /** Runs a docker command there. @param input its standard input @returns what it prints @throws Error with its standard error */
  readonly ask: (words: readonly string[], input?: string) => Promise<string>;
  /** The words that run a docker command there: a program, and what it is given. */
  readonly command: (words: readonly string[], how?: HowToRun) => readonly string[];
}
