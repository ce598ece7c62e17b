import { checks } from "./checks.ts";
import { announce } from "./programs.ts";
import { streams } from "./streams.ts";

announce("caddy");
streams("caddy");
checks("caddy");
