// node row.mjs name[/of] [--quick]: measures one row, of one kind of journal if given, and prints its table.
import process from "node:process";
import { stopCommonware } from "./commonware.mjs";
import { Directories } from "./directories.mjs";
import { measureRow } from "./rounds.mjs";
import { printRow } from "./table.mjs";

const [name, of] = process.argv[2].split("/");
const { makeRow } = await import(`./rows/${name}.mjs`);
const directories = new Directories();
try {
	const isQuick = process.argv.includes("--quick");
	const row = await makeRow({ directories, isQuick, of });
	const samples = await measureRow(row);
	await row.close?.();
	printRow(row, samples);
} finally {
	stopCommonware();
	directories.remove();
}
