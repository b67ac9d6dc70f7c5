import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { assert } from "chai";
import { test } from "vitest";

const SCRIPT = fileURLToPath(new URL("open-in-memory.mjs", import.meta.url));
/** Node itself begins with less; a memory of WebAssembly's takes more, of addresses. */
const GIBIBYTES = 4;

test("an open for which a limit leaves no addresses is ERR_MEMORY, and so is the next", () => {
	const limited = `ulimit -v ${GIBIBYTES * 1024 * 1024} && exec "$0" "$1"`;
	const arguments_ = ["-c", limited, process.execPath, SCRIPT];
	const { stdout, stderr } = spawnSync("sh", arguments_, { encoding: "utf8" });
	assert.equal(stdout, "ERR_MEMORY\n".repeat(4), stderr);
});
