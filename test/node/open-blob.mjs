// Opens the blob argv[3]/argv[4] of the store in argv[2]; with argv[5] 'readOnly'.
import { reportOpen } from "./report-open.mjs";

await reportOpen(...process.argv.slice(2));
