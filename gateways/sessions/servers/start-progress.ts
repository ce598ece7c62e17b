/** Tells a caller that has asked for progress why its call takes long: it waits for a server to start. */
import type { Caller } from "../../bridge/connection.ts";
import { detached } from "../../detached.ts";
import { encode, tokenOf, type Message } from "../../jsonrpc.ts";

/** Milliseconds that a start takes before anybody is told, and between two times that it is told. Most starts take less. */
const FIRST = 2_000;
const NEXT = 5_000;

/** Progress has to grow with each notification, and the server's own begins with 0 or more. */
const STEP = 1e-6;

/**
 * Tells from time to time that a call waits. Clients that give up on a silent call wait longer then.
 * @param service whose server starts
 * @returns ends it
 */
export function tellStart(service: string, message: Message, caller: Pick<Caller, "message">): () => void {
  const at = tokenOf(message);
  if (!at) return NOTHING;
  const token = detached(message.text.slice(at.start, at.end));
  const since = performance.now();
  let told = 0;
  const tell = () => {
    const seconds = Math.round((performance.now() - since) / 1_000);
    const words = told === 0 ? `starting ${service}` : `still starting ${service} (${seconds} s)`;
    const params = `{"progressToken":${token},"progress":${(told++ * STEP).toFixed(6)},"message":${encode(words)}}`;
    caller.message(`{"jsonrpc":"2.0","method":"notifications/progress","params":${params}}`);
    timer = setTimeout(tell, NEXT);
  };
  let timer = setTimeout(tell, FIRST);
  return () => clearTimeout(timer);
}

const NOTHING = () => {};
