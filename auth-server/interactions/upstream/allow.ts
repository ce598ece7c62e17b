/** Whether a verified address may log in. */
import { spelled } from "../../users/names.ts";

/**
 * @param email as the other server writes it. In the mail a wide `ａ` and an `a` are two people, so one that would be written
 *   anew is nobody's
 * @param allow addresses, and domains such as `@example.org`, which mean no domain below them
 */
export function isAllowed(email: string, allow: readonly string[]): boolean {
  if (email.normalize("NFKC") !== email) return false;
  const address = spelled(email);
  const [, local, domain] = /^([^@\s]+)@([^@\s]+)$/.exec(address) ?? [];
  if (local === undefined || domain === undefined) return false;
  return allow.map(spelled).some((entry) => entry === address || entry === `@${domain}`);
}
