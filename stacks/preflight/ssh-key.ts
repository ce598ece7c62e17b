/** Checks a public key in the format of a .pub file. */

/** Describes the problem of SSH_PUBLIC_KEY, as the rest of a sentence; undefined if there is none. Never shows the value. */
export function sshKeyProblem(value: string): string | undefined {
  const key = value.trim();
  if (key.includes("PRIVATE KEY"))
    return "is a private key, which must not leave its machine: expected the public key, the line in the file that ends in .pub";
  if (key.includes("\n")) return "has several lines, expected one, as in the file that ends in .pub";
  const [type = "", blob = ""] = key.split(/\s+/);
  if (/^[/~.].*/.test(key))
    return "looks like a path: expected the contents of the file, as in $(cat ~/.ssh/id_ed25519.pub)";
  if (!TYPES.includes(type))
    return `is not a public key that DigitalOcean accepts: expected a line that begins with ${TYPES.join(" or ")}`;
  return typeIn(blob) === type
    ? undefined
    : "is cut off or mistyped: the text after its type is not a key of that type";
}

/** The type in a key's bytes, which begin with the length of the type and the type. */
function typeIn(blob: string): string | undefined {
  const bytes = Buffer.from(blob, "base64");
  if (bytes.length < 4 + 32) return undefined;
  return bytes.subarray(4, 4 + bytes.readUInt32BE(0)).toString("latin1");
}

const TYPES = ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"];
