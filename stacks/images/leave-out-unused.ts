/** Parts of libraries that we never reach are left out of a bundle: of what they are, an image and a package are smaller. */
import type { Plugin } from "rolldown";

/** Each with the reason. */
const unused = [
  /node_modules[\\/]thread-stream[\\/]index\.js$/, // log files of other threads
  /node_modules[\\/]pino[\\/]lib[\\/]redaction\.js$/, // paths to redact
  /node_modules[\\/]pino[\\/]lib[\\/](transport|multistream)\.js$/, // several streams
  /node_modules[\\/]on-exit-leak-free[\\/]index\.js$/, // a stream that is not written at once
  /node_modules[\\/]pino-std-serializers[\\/]lib[\\/](req|res|err-with-cause)\.js$/, // other serializers than that of `err`
  /node_modules[\\/]safe-stable-stringify[\\/]index\.js$/, // circles: gateways/log.ts makes a tree of each line
  /node_modules[\\/]ws[\\/]lib[\\/](permessage-deflate|extension|stream)\.js$/, // gateways/transports/web-socket.ts compresses nothing
  /node_modules[\\/]ws[\\/]lib[\\/]event-target\.js$/, // events as in a browser
  /node_modules[\\/]ioredis[\\/]built[\\/]cluster[\\/]index\.js$/, // several servers that share the keys
];

/** What the logger requires of Node for these, and to check its own arguments: all that takes memory before it is used. */
const unusedBuiltin = { of: /node_modules[\\/](pino|sonic-boom)[\\/]/, id: /^(worker_threads|assert)$/ };

/**
 * Stands in their place. The logger has `configure` make what it falls back to where JSON.stringify throws; ws takes methods from
 * `EventTarget`.
 */
const NOTHING =
  "module.exports = () => {};\nmodule.exports.configure = () => JSON.stringify;\nmodule.exports.EventTarget = {};";

/** Leaves them out. */
export const leaveOutUnused = {
  name: "leave-out-unused",
  resolveId: {
    filter: { id: unusedBuiltin.id },
    handler: (id, importer = "") => (unusedBuiltin.of.test(importer) ? `\0unused:${id}` : null),
  },
  load: { filter: { id: [...unused, /^\0unused:/] }, handler: () => NOTHING },
} satisfies Plugin;
