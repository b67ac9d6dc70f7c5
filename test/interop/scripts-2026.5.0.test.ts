import { scriptsWith } from "./scripts.ts";

scriptsWith("2026.5.0");
