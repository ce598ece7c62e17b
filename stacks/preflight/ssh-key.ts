/** A public key, in the form of a .pub file. */

/** What is wrong with SSH_PUBLIC_KEY, as the rest of a sentence; undefined when nothing is. Never shows the value. */
export function sshKeyProblem(value: string): string | undefined {
  const key = value.trim();
  if (key.includes("PRIVATE KEY"))
    return "is a private key, which must not leave its machine: expected the public one, the line in the file that ends in .pub";
  if (key.includes("\n")) return "has several lines, expected one: as in the file that ends in .pub";
  const [type = "", blob = ""] = key.split(/\s+/);
  if (/^[/~.].*/.test(key))
    return "looks like a path: expected what is in the file, as in $(cat ~/.ssh/id_ed25519.pub)";
  if (!TYPES.includes(type))
    return `is not a public key that DigitalOcean takes: expected a line that begins with ${TYPES.join(" or ")}`;
  return typeIn(blob) === type ? undefined : "is cut off or mistyped: what follows its type is not a key of that type";
}

/** A key's bytes begin with its type, and the length of that. */
function typeIn(blob: string): string | undefined {
  const bytes = Buffer.from(blob, "base64");
  if (bytes.length < 4 + 32) return undefined;
  return bytes.subarray(4, 4 + bytes.readUInt32BE(0)).toString("latin1");
}

const TYPES = ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"];
