/** How clients write "the value of this variable" in their files. */
import { PLACEHOLDER, type Target, type Token } from "./format.ts";

/** A token, as a client's file has it. */
export type Dialect = (token: Token) => string;

/** `${T}` */
export const braces: Dialect = ({ variable }) => `\${${variable}}`;

/** `$T` */
export const dollar: Dialect = ({ variable }) => `$${variable}`;

/** `${env:T}` */
export const dollarEnv: Dialect = ({ variable }) => `\${env:${variable}}`;

/** `{env:T}` */
export const env: Dialect = ({ variable }) => `{env:${variable}}`;

/** The token itself. */
export const literal: Dialect = ({ value = PLACEHOLDER }) => value;

/** The member `headers` of an entry; nothing for a service that asks for no token. */
export function headers({ token }: Target, dialect: Dialect): { headers?: { Authorization: string } } {
  return token === undefined ? {} : { headers: { Authorization: `Bearer ${dialect(token)}` } };
}

/** The same as the words of a command line. */
export function headerWords(target: Target, dialect: Dialect, flag = "--header"): string[] {
  const header = headers(target, dialect).headers?.Authorization;
  return header === undefined ? [] : [flag, `Authorization: ${header}`];
}
