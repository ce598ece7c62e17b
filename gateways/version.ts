/** The gateway's own version: told on the hub, to servers and by --version. */
export const VERSION = "0.1.0";
