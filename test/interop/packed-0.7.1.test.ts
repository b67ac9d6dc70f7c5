import { packedScriptsWith } from "./packed-scripts.ts";

packedScriptsWith("0.7.1");
