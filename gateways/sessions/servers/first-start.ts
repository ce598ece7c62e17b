/** The first start of a server that a package runner may have to install. */
import { withinStart } from "../../bridge/handshake.ts";
import { INSTALL_TIME } from "../../bridge/package-runner.ts";
import type { Logger } from "../../log.ts";

/** How a server is started. */
export interface StartLimits {
  readonly service: string;
  /** Milliseconds that a server has to show that it can serve. */
  readonly startTimeout: number;
  /** The package runner that starts it, such as npx. @default none */
  readonly runner?: string | undefined;
}

/**
 * Waits for a start, without the start timeout while a package runner may be installing the server.
 * @param hasServed whether the server has been up before, and so is installed
 * @throws GatewayError `child-start-failed`
 */
export async function started<T>(start: Promise<T>, limits: StartLimits, hasServed: boolean, log: Logger): Promise<T> {
  const { service, startTimeout, runner } = limits;
  if (runner === undefined || hasServed) return withinStart(start, startTimeout, service);
  const seconds = startTimeout / 1_000;
  const say = () =>
    log.warn({ runner }, `not up after ${seconds} s: ${runner} may be installing the server, and is given 10 minutes`);
  const timer = setTimeout(say, startTimeout);
  try {
    return await withinStart(start, Math.max(INSTALL_TIME, startTimeout), service);
  } finally {
    clearTimeout(timer);
  }
}
