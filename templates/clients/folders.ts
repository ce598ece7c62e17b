/** The folders in which clients keep their files. */
import type { Place } from "./format.ts";

/** A path of that machine, with its separators. */
export const join = ({ os }: Place, ...names: readonly string[]): string => names.join(os === "win32" ? "\\" : "/");

/** In the home folder. */
export const inHome = (place: Place, ...names: readonly string[]): string => join(place, place.home, ...names);

/** In `~/.config`, or where XDG_CONFIG_HOME says. */
export const inConfig = (place: Place, ...names: readonly string[]): string =>
  join(place, place.env["XDG_CONFIG_HOME"] || inHome(place, ".config"), ...names);

/** In `%APPDATA%`. */
export const inAppData = (place: Place, ...names: readonly string[]): string =>
  join(place, place.env["APPDATA"] || inHome(place, "AppData", "Roaming"), ...names);

/** Where desktop programs keep their data: Application Support, `%APPDATA%` or `~/.config`. */
export function inAppFolder(place: Place, ...names: readonly string[]): string {
  if (place.os === "darwin") return inHome(place, "Library", "Application Support", ...names);
  return place.os === "win32" ? inAppData(place, ...names) : inConfig(place, ...names);
}
