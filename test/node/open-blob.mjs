// Opens the blob argv[3]/argv[4] of the store in argv[2]; with argv[5] 'readOnly'.
import { openStorage } from "../../build/node.js";
import { reportOpen } from "./report-open.mjs";

await reportOpen(openStorage, ...process.argv.slice(2));
