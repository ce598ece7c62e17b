/** One of several gateways of a service: what it shares with the others, and how they reach it. */
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { counted } from "../../metrics/counted-store.ts";
import type { Operations } from "../../metrics/operations.ts";
import { makePrivateFile, makePrivateFolder } from "./private-files.ts";
import { SerialLock } from "./serial-lock.ts";
import { keyFor, SessionIds } from "./session-ids.ts";
import { SqliteStore } from "./sqlite-store.ts";
import type { SessionStore } from "./store.ts";

export interface ReplicaOptions {
  readonly service: string;
  /** Milliseconds that a call may take without a sign of life. */
  readonly requestTimeout: number;
  /** A folder that all gateways of the service share; undefined = nothing is kept. */
  readonly stateDir: string | undefined;
  /** Whether only one of the gateways may execute calls at a time. */
  readonly serial: boolean;
  /** Where the operations of the store are counted. @default - nowhere */
  readonly operations?: Operations | undefined;
}

/** This gateway, as the other gateways of its service see it. */
export class Replica {
  readonly options: ReplicaOptions;
  readonly ids: SessionIds;
  /** Signs requests that are forwarded. */
  readonly forwardKey: Buffer;
  readonly store: SessionStore | undefined;
  readonly serialLock: SerialLock | undefined;
  /** Where the others reach this gateway: `host:port`, on a hub with `/<service>`. Set when it listens. */
  address = "";
  /** Ends what is forwarded to another gateway and not over. */
  readonly forwarded = new Set<() => void>();
  #closed: Promise<void> | undefined;

  constructor(secret: string, options: ReplicaOptions) {
    const { service, stateDir, serial, operations } = options;
    this.options = options;
    this.ids = new SessionIds(keyFor(secret, service, "session id"));
    this.forwardKey = keyFor(secret, service, "forwarded request");
    if (stateDir === undefined) return;
    const store = counted(new SqliteStore(fileIn(stateDir, service, "sqlite")), operations);
    this.store = store;
    // The release before and the one after must lock the same file, so it keeps its name.
    const file = fileIn(stateDir, service, "executor.sqlite");
    if (serial) this.serialLock = new SerialLock(file, { store, address: () => this.address });
  }

  /** Other gateways can reach this one from now on. */
  async listensAt(address: string): Promise<void> {
    this.address = address;
    await this.serialLock?.ready();
  }

  endForwarded(): void {
    for (const end of this.forwarded) end();
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    this.serialLock?.close();
    await this.store?.close();
  }
}

/**
 * Opens what a gateway shares with the other gateways of its service.
 * @returns undefined when there is neither a secret nor a state folder: then a gateway stands alone
 * @throws Error when the folder cannot be used
 */
export function openReplica(secret: string | undefined, options: ReplicaOptions): Replica | undefined {
  const { stateDir, service } = options;
  if (stateDir !== undefined) makePrivateFolder(stateDir);
  const shared = secret ?? (stateDir === undefined ? undefined : secretIn(stateDir, service));
  return shared === undefined ? undefined : new Replica(shared, options);
}

/** The secret of a folder, made by the first gateway: the others find it complete or not at all. */
function secretIn(folder: string, service: string): string {
  const file = fileIn(folder, service, "secret");
  if (existsSync(file)) makePrivateFile(file);
  else makeSecret(file);
  return readFileSync(file, "utf8").trim();
}

function makeSecret(file: string): void {
  const own = `${file}.${randomBytes(8).toString("hex")}`;
  writeFileSync(own, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600, flag: "wx" });
  try {
    chmodSync(own, 0o600); // whatever the umask
    linkSync(own, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error; // another gateway was quicker
  } finally {
    rmSync(own);
  }
}

const fileIn = (folder: string, service: string, kind: string) =>
  join(folder, `${encodeURIComponent(service)}.${kind}`);
