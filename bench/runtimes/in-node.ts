import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeHost } from "../../hosts/node.ts";
import { answerLines } from "../../test/runtimes/lines.ts";
import { measuring } from "./stores.ts";

const directory = () => mkdtempSync(join(tmpdir(), "dualslot-bench-"));
await answerLines(measuring((sync) => nodeHost(directory(), { sync })));
