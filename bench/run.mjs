// npm run bench [-- --quick]
//
// dualslot against its peers and against bare loops, side by side in one run, as ratios of medians. A missed goal is no
// error; an I/O error or a wrong byte is.
import { cpus } from "node:os";
import process from "node:process";
import { Directories } from "./directories.mjs";
import { installPeers } from "./peers.mjs";
import { measureRow } from "./rounds.mjs";
import { printRow } from "./table.mjs";

installPeers();
const { ROWS } = await import("./rows.mjs");
const isQuick = process.argv.includes("--quick");
const directories = new Directories();
const started = performance.now();
let missed = 0;
try {
	console.log(
		`Node ${process.version}, ${cpus()[0].model}, ${directories.fileSystem}`,
	);
	for (const makeRow of ROWS) {
		const row = await makeRow({ directories, isQuick });
		missed += printRow(row, await measureRow(row));
		await row.close?.();
	}
} finally {
	directories.remove();
}
const seconds = Math.round((performance.now() - started) / 1000);
console.log(`\n${missed} goals missed, ${seconds} s`);
