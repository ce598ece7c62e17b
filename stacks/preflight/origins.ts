/** Checks ALLOWED_ORIGINS, which the gateway compares character by character with a browser's Origin. */
import { gatewayOptions } from "../../gateways/config.ts";

/**
 * @param value what the gateways read; undefined if it is not set
 * @returns a line for each problem
 */
export function originProblems(value: string | undefined): string[] {
  const origins = gatewayOptions.allowedOrigins.read(value ?? "");
  const wrong = origins.filter((origin) => origin !== "*" && URL.parse(origin)?.origin !== origin);
  return wrong.map(
    (origin) => `ALLOWED_ORIGINS has "${origin}", expected only scheme and host, as in https://app.example.org`,
  );
}
