/** The names of our own verifiers: those of the services that they are for. */
export const VERIFIERS = ["coda", "github", "firecrawl"] as const;

/** The name of one of our verifiers. */
export type VerifierName = (typeof VERIFIERS)[number];

/** Whether it names one of ours, and not a module. */
export const isVerifier = (name: string): name is VerifierName => (VERIFIERS as readonly string[]).includes(name);
