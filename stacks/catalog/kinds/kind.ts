/** What a kind of server says of itself. Each is a file in this folder and a line in registry.ts. */
import type { ContextFile } from "../../images/context.ts";
import type { Rule } from "../rule.ts";

/** A server of some kind: what its builder was given. */
interface Tagged {
  readonly kind: string;
}

interface AnyKind<S extends Tagged> {
  readonly kind: S["kind"];
  /** What the builder may be given. */
  readonly fields: Readonly<Record<Exclude<keyof S, "kind">, Rule>>;
  /** The version that `npm start` shows. @default - what the server says of itself */
  readonly version?: (server: S) => string | undefined;
}

/** A server that speaks stdio: a process behind its gateway. */
export interface StdioKind<S extends Tagged> extends AnyKind<S> {
  readonly role: "stdio";
  /** What the image of its container is built from. */
  readonly recipe: (server: S) => Recipe;
  /** The words that start it in its image. */
  readonly command: (server: S) => readonly string[];
  /** How `npm start` runs it on this machine. */
  readonly local: Local<S>;
}

/** A server that runs elsewhere, and that its gateway calls over HTTP. */
export interface UpstreamKind<S extends Tagged> extends AnyKind<S> {
  readonly role: "upstream";
  readonly url: (server: S) => string;
  /** What it speaks: Streamable HTTP, or the older HTTP+SSE. */
  readonly type: "http" | "sse";
}

/** Other services of the catalog, which its gateway serves as one. */
export interface GroupKind<S extends Tagged> extends AnyKind<S> {
  readonly role: "group";
  /** Their keys, in the order in which their tools are listed. */
  readonly members: (server: S) => readonly string[];
}

/** A container beside the gateways, with no MCP server in it. */
export interface AppKind<S extends Tagged> extends AnyKind<S> {
  readonly role: "app";
}

/** What the image of a server is built from, besides the runner and the base that all have. */
export interface Recipe {
  /** A file of gateways/images, without `.Dockerfile`. */
  readonly dockerfile: string;
  /** The server's files, by their path in the build. @default {} */
  readonly files?: Readonly<Record<string, ContextFile>>;
  /** Build arguments that are the server's own. @default {} */
  readonly args?: Readonly<Record<string, string>>;
}

/** How `npm start` runs a server. */
export interface Local<S> {
  /** The npm package, at its version, that must be installed first. @default - none */
  readonly npmPackage?: (server: S) => string;
  /** The image that must be here first. @default - none: it runs without Docker */
  readonly image?: (server: S) => string;
  /** Its command line, or what the machine does not have, or why it cannot run on it whatever the reader does. */
  readonly start: (server: S, machine: Machine) => Start | { readonly needs: string } | { readonly failed: string };
}

/** A command line, and the folder in which it runs: the project's, or an empty one of the service's own. */
export interface Start {
  readonly words: readonly string[];
  readonly folder: "project" | "own";
  /** The image in whose container it runs. @default - none: it is a process of this machine */
  readonly image?: string;
}

/** What this machine has. */
export interface Machine {
  /** Our own Node. */
  readonly node: string;
  /** The program that runs Python packages; undefined when it is not installed. */
  readonly uvx: string | undefined;
  /** By npm package: its program, or why there is none. */
  readonly npm: ReadonlyMap<string, { readonly bin: string } | { readonly problem: string }>;
  /** Docker's images: for each that a service needs, why it is not here. Or why there is no Docker. */
  readonly docker:
    { readonly problem: string } | { readonly images: ReadonlyMap<string, { readonly problem?: string }> };
}
