/** Checks the origins that are allowed for all services before anything is deployed. */
import { expectedInstead, sharedOptions } from "../../gateways/config.ts";

/**
 * @param value as the gateways read it; undefined if it is not set
 * @returns a line for each origin that a gateway would refuse
 */
export function originProblems(value: string | undefined): string[] {
  return (value ?? "").split(/[\s,]+/).flatMap((origin) => {
    const expected = expectedInstead(sharedOptions.allowedOrigins, origin);
    return expected === undefined ? [] : [`ALLOWED_ORIGINS has "${origin}", expected ${expected}`];
  });
}
