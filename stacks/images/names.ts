/** What our images are called on an engine: never as a registry could answer, so that Docker takes none but those built here. */

/** Docker asks `localhost` for what begins with it, where no registry is. @param of a service, `gateway` or `auth` */
export const imagesOf = (of: string): string => `localhost/gangway/${of}`;

/** @param digest of what it is built from, 16 hex digits */
export const imageName = (of: string, digest: string): string => `${imagesOf(of)}:${digest}`;
