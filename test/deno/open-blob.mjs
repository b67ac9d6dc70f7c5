// Opens the blob argv[3]/argv[4] of the store in argv[2]; with argv[5] 'readOnly'.
import process from "node:process";
import { openStorage } from "../../build/deno.js";
import { reportOpen } from "../node/report-open.mjs";

await reportOpen(openStorage, ...process.argv.slice(2));
