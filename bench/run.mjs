// npm run bench [-- --quick]
//
// dualslot against its peers and against bare loops, side by side in one run, as ratios of medians. A missed goal is no
// error; an I/O error or a wrong byte is. Each row has a process of its own, so that it does not pay for the heap that
// another row leaves; within a row, all contenders share it.
import { spawnSync } from "node:child_process";
import { cpus } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Directories } from "./directories.mjs";
import { installPeers } from "./peers.mjs";

const ROWS = [
	"bulk",
	"durable",
	...[256, 4096, 16_384].map((bytes) => `zeros-ahead/${bytes}`),
	"writers",
	"replay",
	"hot-read",
	"checksum",
	"opening",
	...["bulk", "durable", "writers", "replay"].flatMap((row) =>
		["fixed", "variable", "oversized"].map((kind) => `journal-${row}/${kind}`),
	),
	...["get-hot", "get-cold", "open"].flatMap((row) =>
		["fixed", "oversized"].map((kind) => `journal-${row}/${kind}`),
	),
	"packed-open",
	...["packed-write", "packed-read"].flatMap((row) =>
		[1, 8, 64].map((together) => `${row}/${together}`),
	),
];
const ROW = fileURLToPath(new URL("row.mjs", import.meta.url));
const RUNTIMES = fileURLToPath(new URL("runtimes.mjs", import.meta.url));

installPeers();
const started = performance.now();
console.log(
	`Node ${process.version}, ${cpus()[0].model}, ${fileSystem()}; ratios of medians, more than 1 where dualslot is faster`,
);
for (const script of [...ROWS.map((row) => [ROW, row]), [RUNTIMES]]) {
	const options = [...script, ...process.argv.slice(2)];
	const { status } = spawnSync(process.execPath, options, { stdio: "inherit" });
	if (status !== 0) {
		process.exitCode = 1;
	}
}
console.log(`\n${Math.round((performance.now() - started) / 1000)} s`);

function fileSystem() {
	const directories = new Directories();
	try {
		return directories.fileSystem;
	} finally {
		directories.remove();
	}
}
