/** What is wrong with ALLOWED_ORIGINS: a browser's Origin is compared with it character by character. */
import { sharedOptions } from "../../gateways/config.ts";

/** @param value as the gateways read it; undefined when there is none */
export function originProblems(value: string | undefined): string[] {
  const origins = sharedOptions.allowedOrigins.read(value ?? "");
  const wrong = origins.filter((origin) => origin !== "*" && URL.parse(origin)?.origin !== origin);
  return wrong.map(
    (origin) => `ALLOWED_ORIGINS has "${origin}", expected scheme and host alone, as in https://app.example.org`,
  );
}
