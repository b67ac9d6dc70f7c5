import { packedScriptsWith } from "./packed-scripts.ts";

packedScriptsWith("0.9.2");
