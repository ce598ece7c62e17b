/** Users of an authorization server as principals. */
import { hash } from "node:crypto";

/** Digits of a digest that tell users apart, and of one that tells issuers apart. */
const USER = 20;
const ISSUER = 8;

const start = (issuer: string) => `user-${hash("sha256", issuer).slice(0, ISSUER)}`;

/** The id of a user's principal: the same as long as the user has the account, and of no other issuer's user. */
export const userId = (issuer: string, sub: string): string =>
  start(issuer) + hash("sha256", `${issuer}\0${sub}`).slice(0, USER);

/** Whether a principal is a user of an issuer. */
export const isUserOf = (issuer: string, id: string): boolean => id.startsWith(start(issuer));
