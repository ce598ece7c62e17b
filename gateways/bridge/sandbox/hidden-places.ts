/**
 * What a server in the sandbox does not get to see. The rest of the machine stays as it is, because most servers need some of it:
 * their package and its cache, the folders that they are given, a browser, a compiler. It is the same list for everybody, and it
 * errs on the side of a server that works: `PROTOCOL.md` has it in words.
 */

/** Files and folders of the home folder that open something else, or that say what was typed. */
export const OF_HOME: readonly string[] = [
  // keys and passwords
  ".ssh",
  ".gnupg",
  ".password-store",
  ".local/share/keyrings",
  ".local/share/kwalletd",
  ".vault-token",
  ".config/keepassxc",
  ".config/Bitwarden",
  ".config/op",
  ".config/sops",
  ".config/age",
  // clouds, clusters and registries
  ".aws",
  ".azure",
  ".config/gcloud",
  ".boto",
  ".s3cfg",
  ".config/doctl",
  ".config/hcloud",
  ".fly",
  ".oci",
  ".kube",
  ".docker",
  ".config/containers",
  ".config/helm",
  ".terraform.d",
  ".terraformrc",
  ".config/rclone",
  ".config/cloudflared",
  ".cloudflared",
  ".config/.wrangler",
  ".netlify",
  ".config/netlify",
  ".pypirc",
  ".cargo/credentials",
  ".cargo/credentials.toml",
  ".gem/credentials",
  ".m2/settings.xml",
  ".config/composer/auth.json",
  // source code and databases
  ".git-credentials",
  ".config/git/credentials",
  ".config/gh",
  ".config/glab-cli",
  ".config/hub",
  ".pgpass",
  ".my.cnf",
  ".mylogin.cnf",
  // other clients and agents, whose files hold keys of other servers
  ".claude.json",
  ".claude/.credentials.json",
  ".codex",
  ".gemini",
  ".cursor/mcp.json",
  ".config/Claude",
  ".config/github-copilot",
  ".config/Code/User/mcp.json",
  ".codeium",
  ".config/goose",
  ".config/zed",
  // browsers and mail
  ".mozilla",
  ".thunderbird",
  ".config/google-chrome",
  ".config/chromium",
  ".config/BraveSoftware",
  ".config/microsoft-edge",
  ".config/vivaldi",
  "snap/firefox",
  "snap/chromium",
  // what was typed
  ".bash_history",
  ".zsh_history",
  ".local/share/fish/fish_history",
  ".python_history",
  ".node_repl_history",
  ".psql_history",
  ".mysql_history",
  ".rediscli_history",
  ".lesshst",
  ".viminfo",
];

/** The same, but a package runner (npx, uvx) reads them to fetch the server: from a server that is installed they are hidden. */
export const OF_RUNNERS: readonly string[] = [".npmrc", ".yarnrc.yml", ".netrc", ".config/pip", ".config/uv", ".pip"];

/** Sockets through which a program could be started outside: user services, terminals, containers. */
export const OF_MACHINE = (uid: number): readonly string[] => [
  `/run/user/${uid}`,
  "/run/docker.sock",
  "/run/containerd",
  "/run/podman",
  "/run/crio",
  "/run/dbus/system_bus_socket",
  "/run/systemd/private",
  "/run/screen",
  "/run/tmux",
];

/** Folders of temporary files: other programs' sockets (tmux, ssh-agent, X) and files are there. A server has its own. */
export const TEMPORARY: readonly string[] = ["/tmp", "/var/tmp"];

/** What root alone can write, and a server of root's must not. */
export const OF_SYSTEM: readonly string[] = [
  "/bin",
  "/boot",
  "/etc",
  "/lib",
  "/lib32",
  "/lib64",
  "/libx32",
  "/nix",
  "/opt",
  "/sbin",
  "/snap",
  "/sys",
  "/usr",
  "/var",
];
