/** Checks lists of allowed origins, which the gateway compares character by character with a browser's Origin. */
import { sharedOptions } from "../../gateways/config.ts";

/**
 * @param value as the gateways read it; undefined if it is not set
 * @param what the variable or option that it was set with
 * @returns a line for each problem
 */
export function originProblems(value: string | undefined, what = "ALLOWED_ORIGINS"): string[] {
  const origins = sharedOptions.allowedOrigins.read(value ?? "");
  const wrong = origins.filter((origin) => origin !== "*" && !isOrigin(origin));
  return wrong.map((origin) => `${what} has "${origin}", expected only scheme and host, as in https://app.example.org`);
}

const isOrigin = (text: string) => URL.canParse(text) && new URL(text).origin === text;
