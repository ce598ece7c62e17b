// The real MCP servers that stand behind the gateway here, and what each is asked.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installedFile } from "./gateway.ts";

export interface ServerCase {
  readonly command: string[];
  /** Options of the gateway. */
  readonly options: string[];
  /** What every client must find in its list. */
  readonly tools: string[];
  /** The call that a client of that name makes, and what its answer must hold. */
  readonly call: (client: string) => { name: string; arguments: Record<string, unknown>; answer: string };
}

/** The names in a text that is nothing but names. */
export function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

export interface ScratchFolder {
  readonly path: string;
  readonly remove: () => void;
}

/** A folder for the time of a test; its real path, because the filesystem server follows no link out of its folder. */
export function scratchFolder(): ScratchFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "gangway-interop-")));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
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

/** One thing for the memory to know. */
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

/** The reference server with a bit of all of MCP: a child per session. */
export function everything(): ServerCase {
  return {
    command: [process.execPath, installedFile("server-everything", "dist/index.js")],
    options: [],
    // It has more for a client that can be asked things.
    tools: words(`
      echo get-annotated-message get-env get-resource-links get-resource-reference get-sum get-structured-content
      get-tiny-image gzip-file-as-resource toggle-simulated-logging toggle-subscriber-updates
      trigger-long-running-operation
    `),
    call: () => ({ name: "get-sum", arguments: { a: 19, b: 23 }, answer: "42" }),
  };
}
