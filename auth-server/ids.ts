/** Ids of clients and grants: the operator types them, and on a command line what begins with a dash is a flag. */
import { randomBytes } from "node:crypto";

const BYTES = 16;

export const newId = (): string => typable(randomBytes(BYTES).toString("base64url"));

/** An id of somebody else's making, without a dash at its begin. */
export const typable = (id: string): string => id.replace(/^-+/, (dashes) => "_".repeat(dashes.length));
