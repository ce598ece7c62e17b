/** Which services are held at an earlier image: `npx gangway rollback` writes the file, a plan shows it. */
import { readFileSync } from "node:fs";
import { place, shown } from "../project.ts";

/** The digest that each pinned service is held at, by stack: an image exists only on the engine that has built it. */
export type Pins = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A missing file pins nothing. */
export function readPins(file: string = place.pins): Pins {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Pins;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw new Error(`${shown(file)} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
