/** What is shown instead of the page that was asked for. */
import type { Failure } from "../pages/message.ts";
import { RETRY_AFTER, StoreAway } from "../store/store.ts";

/** A request that is refused. It is answered with a page that says so. */
export class PageRefusal extends Error {
  readonly status: number;
  readonly failure: Failure;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, failure: Failure, headers: Readonly<Record<string, string>> = {}) {
    super(failure.title);
    this.status = status;
    this.failure = failure;
    this.headers = headers;
  }
}

/** What is shown for an error; undefined for a mistake of ours. */
export function refusalIn(error: unknown): PageRefusal | undefined {
  if (error instanceof StoreAway) return away();
  return error instanceof PageRefusal ? error : undefined;
}

/** A login of which nothing can be read now. */
const away = () =>
  new PageRefusal(
    503,
    {
      title: "Logins are not possible right now",
      text: "The login server cannot reach its database. Wait a few seconds, then load this page again.",
      code: "temporarily_unavailable",
    },
    { "retry-after": String(RETRY_AFTER) },
  );

/** The login is over, or it was begun in another browser. */
export const expired = (): PageRefusal =>
  new PageRefusal(400, {
    title: "This login has ended",
    text: "It has expired, is finished already, or was begun in another browser. Go back to your client and start again.",
  });

/** The form was not sent by a page of ours. */
export const forged = (): PageRefusal =>
  new PageRefusal(403, {
    title: "This form was not sent from here",
    text: "Nothing has been done. Allow cookies for this site, go back to your client and start again.",
    code: "csrf",
  });

export const notFound = (): PageRefusal =>
  new PageRefusal(404, { title: "There is no such page", text: "Go back to your client and start again." });
