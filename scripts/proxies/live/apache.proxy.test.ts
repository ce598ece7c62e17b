import { checks } from "./checks.ts";
import { announce } from "./programs.ts";
import { streams } from "./streams.ts";

announce("apache");
streams("apache");
checks("apache");
