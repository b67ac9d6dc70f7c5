import { scriptsWith } from "./scripts.ts";

scriptsWith("2026.4.0");
