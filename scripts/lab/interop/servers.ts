/** The real MCP servers behind the gateway, and the call that each gets. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installedFile } from "./gateway.ts";

export interface ServerCase {
  readonly command: string[];
  /** Options of the gateway. */
  readonly options: string[];
  /** Tools that every client must find. */
  readonly tools: string[];
  /** The call that a client makes, by its name, and what the answer must contain. */
  readonly call: (client: string) => { name: string; arguments: Record<string, unknown>; answer: string };
}

/** The words of a list. */
export function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

/** Memory in one file: one child for all sessions, one call at a time. */
export function memory(folder: string): ServerCase {
  const run = [process.execPath, installedFile("server-memory", "dist/index.js")];
  return {
    // Through env(1): a gateway hands its own environment to no child.
    command: ["env", `MEMORY_FILE_PATH=${join(folder, "memory.jsonl")}`, ...run],
    options: ["--isolation", "shared", "--serial"],
    tools: words(`
      create_entities create_relations add_observations delete_entities delete_observations delete_relations
      read_graph search_nodes open_nodes
    `),
    call: (client) => ({ name: "create_entities", arguments: { entities: [entity(client)] }, answer: client }),
  };
}

/** One entity for the memory server. */
export function entity(name: string) {
  return { name, entityType: "client", observations: [`${name} was here`] };
}

/** Files of one folder: a child per session. */
export function filesystem(folder: string): ServerCase {
  const files = join(folder, "files");
  mkdirSync(files);
  writeFileSync(join(files, "hello.txt"), "hello from a file");
  return {
    command: [process.execPath, installedFile("server-filesystem", "dist/index.js"), files],
    options: ["--isolation", "session"],
    tools: words(`
      read_file read_text_file read_media_file read_multiple_files write_file edit_file create_directory
      list_directory list_directory_with_sizes directory_tree move_file search_files get_file_info
      list_allowed_directories
    `),
    call: () => ({
      name: "read_text_file",
      arguments: { path: join(files, "hello.txt") },
      answer: "hello from a file",
    }),
  };
}

/** The reference server, with a little of everything in MCP: a child per session. */
export function everything(): ServerCase {
  return {
    command: [process.execPath, installedFile("server-everything", "dist/index.js")],
    options: [],
    // A client that takes requests is offered more.
    tools: words(`
      echo get-annotated-message get-env get-resource-links get-resource-reference get-sum get-structured-content
      get-tiny-image gzip-file-as-resource toggle-simulated-logging toggle-subscriber-updates
      trigger-long-running-operation
    `),
    call: () => ({ name: "get-sum", arguments: { a: 19, b: 23 }, answer: "42" }),
  };
}
