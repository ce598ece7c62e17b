/** Which services are held at an earlier release: `npx gangway rollback` writes the file, a plan shows it. */
import { readFileSync } from "node:fs";
import { place, shown } from "../project.ts";

/** The digests of a release's images, by what runs in them: those of a gateway and of its server, where it has one. */
export type Pin = Readonly<Partial<Record<"gateway" | "server" | "auth", string>>>;

/** The release that each pinned service is held at, by stack: an image exists only on the engine that has built it. */
export type Pins = Readonly<Record<string, Readonly<Record<string, Pin>>>>;

/** A missing file pins nothing. @throws Error for a file that cannot be read, and for a pin of an earlier Gangway */
export function readPins(file: string = place.pins): Pins {
  const pins = read(file);
  for (const [stack, services] of Object.entries(pins))
    for (const [service, pin] of Object.entries(services))
      if (typeof pin === "string")
        throw new Error(
          `${shown(file)}: ${service} is pinned to ${String(pin)} in stack ${stack}, a release that had its server and its gateway in one image: take it out, and deploy`,
        );
  return pins;
}

function read(file: string): Pins {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Pins;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw new Error(`${shown(file)} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
