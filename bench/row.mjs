// node row.mjs name [--quick]: measures one row and prints its table.
import process from "node:process";
import { Directories } from "./directories.mjs";
import { measureRow } from "./rounds.mjs";
import { printRow } from "./table.mjs";

const [name] = process.argv.slice(2);
const { makeRow } = await import(`./rows/${name}.mjs`);
const directories = new Directories();
try {
	const isQuick = process.argv.includes("--quick");
	const row = await makeRow({ directories, isQuick });
	const samples = await measureRow(row);
	await row.close?.();
	printRow(row, samples);
} finally {
	directories.remove();
}
