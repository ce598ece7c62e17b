/** One HTTP request, sent again while there is no connection. It has not run then, whatever it is. */
import { exchange, NotSent, type UpstreamRequest, type UpstreamResponse } from "./upstream-request.ts";

/** How long to try. */
export interface Patience {
  /** An upstream has answered something. */
  reached(): void;
  /**
   * Waits until the request may be tried again.
   * @param since when it was tried first, as `performance.now()` counts
   * @returns whether to try again
   */
  again(error: NotSent, since: number, signal: AbortSignal): Promise<boolean>;
}

/** Sends a request, with patience if there is any. @throws as `exchange` */
export async function reach(url: URL, request: UpstreamRequest, patience?: Patience): Promise<UpstreamResponse> {
  for (const since = performance.now(); ;) {
    try {
      const response = await exchange(url, request);
      patience?.reached();
      return response;
    } catch (error) {
      if (!(error instanceof NotSent) || !(await patience?.again(error, since, request.signal))) throw error;
    }
  }
}
