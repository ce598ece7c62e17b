/** Checks lists of allowed origins before anything is deployed. */
import { expectedInstead, sharedOptions } from "../../gateways/config.ts";

/**
 * @param value as the gateways read it; undefined if it is not set
 * @param what the variable or option that it was set with
 * @returns a line for each origin that a gateway would refuse
 */
export function originProblems(value: string | undefined, what = "ALLOWED_ORIGINS"): string[] {
  return (value ?? "").split(/[\s,]+/).flatMap((origin) => {
    const expected = expectedInstead(sharedOptions.allowedOrigins, origin);
    return expected === undefined ? [] : [`${what} has "${origin}", expected ${expected}`];
  });
}
