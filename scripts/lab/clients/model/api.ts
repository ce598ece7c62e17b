/** What the APIs of models have in common, as far as a tool is called over them. */

/** What a client has said to the model. */
export interface Heard {
  /** The tools that it offers, by the names that it gives them. */
  readonly tools: readonly Offered[];
  /** What the tools answered that the model has called so far. */
  readonly results: readonly string[];
  /** Whether it wants the answer in pieces. */
  readonly isStream: boolean;
}

/** A tool that the model may call. */
export interface Offered {
  readonly name: string;
  /** Codex: the group that it is in. */
  readonly namespace?: string | undefined;
}

/** What the model says. */
export type Reply =
  { readonly call: Offered; readonly args: Readonly<Record<string, unknown>> } | { readonly text: string };

/** What goes back over HTTP: one document, or the data of server-sent events. */
export type Answer = { readonly json: object } | { readonly events: readonly (SseEvent | "[DONE]")[] };

/** An event of a stream; its name is its own `type`, where it has one. */
export type SseEvent = Readonly<Record<string, unknown>>;

/** An API of a model. */
export interface Api {
  readonly name: string;
  /** Whether a request is one to it, by its path. */
  readonly isAt: (path: string) => boolean;
  /** @throws Error when this is not what the API takes */
  readonly read: (body: unknown, path: string) => Heard;
  readonly write: (reply: Reply, heard: Heard) => Answer;
}

/** The text of a tool's result, however it is packed: every string in it. */
export function textIn(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "object" && value !== null ? Object.values(value).map(textIn).join(" ") : "";
}
