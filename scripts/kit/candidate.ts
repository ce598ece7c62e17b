/** What is known of a server before it has been started. */

/** How it is run, what it is given, and what it is. */
export interface Candidate {
  readonly kind: "npm" | "pypi" | "image" | "http" | "sse";
  /** The package without its version, the image, or the URL. */
  readonly source: string;
  /** @default - the newest one */
  readonly version?: string | undefined;
  /** Arguments; of an image, the command in it. @default none */
  readonly words: readonly string[];
  readonly secrets: readonly string[];
  readonly optionalSecrets: readonly string[];
  /** Plain variables. */
  readonly env: Readonly<Record<string, string>>;
  readonly about?: string | undefined;
  /** What a reader should know before he says yes. */
  readonly notes: readonly string[];
}

/** One of which nothing is known but where it is. */
export const bare = (kind: Candidate["kind"], source: string, words: readonly string[]): Candidate => ({
  kind,
  source,
  words,
  secrets: [],
  optionalSecrets: [],
  env: {},
  notes: [],
});
