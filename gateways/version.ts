/** The gateway's own version, as shown by --version, on the hub and to servers. */
export const VERSION = "0.1.0";
