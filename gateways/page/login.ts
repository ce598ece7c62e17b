/** Logging in with a token, and out: what a browser posts with a form, without a script. */
import { GatewayError } from "../errors.ts";
import type { Served } from "../served.ts";
import { withBody } from "../transports/body.ts";
import type { AdmittedExchange } from "../transports/exchange.ts";
import { asksForPage } from "../transports/media-types.ts";
import { cookieFor, cookieOf } from "./cookie.ts";
import type { Logins } from "./logins.ts";
import { refuseToken } from "./refuse-token.ts";
import { bearing, type PageVisitor } from "./visitor.ts";

/** Bytes of a form: a token is short. */
const LONGEST = 16 * 1024;

const FORM = /^application\/x-www-form-urlencoded\b/i;

/** The fields of a form. @throws GatewayError `content-type`, and as `readBody` */
async function fieldsOf(exchange: AdmittedExchange): Promise<URLSearchParams> {
  if (!FORM.test(exchange.header("content-type") ?? "")) throw new GatewayError("form-expected");
  let fields = new URLSearchParams();
  await withBody(exchange, LONGEST, async (bytes) => void (fields = new URLSearchParams(bytes.toString("utf8"))));
  return fields;
}

/**
 * Logs in with the field `token`, which must open a service at least.
 * @throws GatewayError `unauthorized`, `too-many-failed-logins`; a browser is sent back to the page, which says so
 */
export async function logIn(exchange: AdmittedExchange, services: readonly Served[], logins: Logins): Promise<void> {
  const token = (await fieldsOf(exchange)).get("token")?.trim() ?? "";
  const asking = services.filter(({ auth }) => auth.required);
  try {
    if (!(await opensAny(token, asking))) refuseToken(exchange, asking);
  } catch (error) {
    const isRefusal = error instanceof GatewayError && asksForPage(exchange.header("accept"));
    if (!isRefusal) throw error;
    return goTo(exchange, `../?login=${error.status === 401 ? "failed" : "later"}`);
  }
  logins.end(cookieOf(exchange));
  exchange.addHeaders({ "set-cookie": cookieFor(exchange, logins.open(token)) });
  goTo(exchange, "../");
}

/** Logs out, with the proof in the field `csrf`. @throws GatewayError `csrf` */
export async function logOut(exchange: AdmittedExchange, visitor: PageVisitor, logins: Logins): Promise<void> {
  visitor.requireOwnPage((await fieldsOf(exchange)).get("csrf") ?? undefined);
  logins.end(cookieOf(exchange));
  exchange.addHeaders({ "set-cookie": cookieFor(exchange, undefined) });
  goTo(exchange, "../");
}

/** Relative, so that any prefix of a proxy works. */
const goTo = (exchange: AdmittedExchange, location: string) => exchange.empty(303, { location });

async function opensAny(token: string, asking: readonly Served[]): Promise<boolean> {
  for (const { auth } of asking) {
    try {
      await auth.identify(bearing(token));
      return true;
    } catch {
      // of another service, perhaps
    }
  }
  return false;
}
