import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { denoHost } from "../../hosts/deno.ts";
import { answerLines } from "../../test/runtimes/lines.ts";
import { measuring } from "./stores.ts";

const directory = () => mkdtempSync(join(tmpdir(), "dualslot-bench-"));
await answerLines(measuring((sync) => denoHost(directory(), { sync })));
