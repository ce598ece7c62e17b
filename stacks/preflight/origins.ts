/** What is wrong with a list of origins: a browser's Origin is compared with it character by character. */
import { sharedOptions } from "../../gateways/config.ts";

/**
 * The problems of a list, each with what was expected.
 * @param what the variable or option it was set with
 * @param value as the gateways read it; undefined when there is none
 */
export function originProblems(value: string | undefined, what = "ALLOWED_ORIGINS"): string[] {
  const origins = sharedOptions.allowedOrigins.read(value ?? "");
  const wrong = origins.filter((origin) => origin !== "*" && URL.parse(origin)?.origin !== origin);
  return wrong.map(
    (origin) => `${what} has "${origin}", expected scheme and host alone, as in https://app.example.org`,
  );
}
