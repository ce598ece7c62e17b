/** What people log in with: an e-mail address or a name, in one spelling. */

/** No e-mail address is longer (RFC 5321, section 4.5.3.1.3). */
const LONGEST = 254;

/** Letters, digits and what addresses have: nothing that is invisible, empty or turns the reading direction. */
const NAME = /^[\p{L}\p{M}\p{N}._%+@'-]+$/u;

/** A name that cannot be one. */
export class BadName extends Error {}

/** The one spelling of a name, which is also what principals are called: without case, and in compatibility form (NFKC). */
export const spelled = (name: string): string => name.normalize("NFKC").trim().toLowerCase().normalize("NFKC");

/** The spelling of a name that a user is to have. @throws BadName */
export function readName(name: string): string {
  if (isName(name)) return spelled(name);
  throw new BadName(
    `${JSON.stringify(name)} is no name for a user. Expected an e-mail address, or letters, digits and . _ - without spaces.`,
  );
}

/** Whether somebody may be called that. */
export function isName(name: string): boolean {
  const text = spelled(name);
  return text.length <= LONGEST && NAME.test(text);
}
