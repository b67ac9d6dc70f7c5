import { median, quantile } from "../rounds.mjs";
import { printRow, time } from "../table.mjs";
import { CACHED_PAGES, ENTRY, PAGE } from "./sizes.mjs";

/** A table for each row, of all rounds' figures. */
export function printRows(contenders, rounds, sizes) {
	for (const { title, of, metrics = [MEDIAN] } of rowsOf(sizes)) {
		const samples = rounds.map((figures) => figures.flatMap((all) => all[of]));
		printRow({ title, metrics, contenders }, samples);
	}
}

const MEDIAN = { name: "time", of: median, format: time };
const SLOWEST = {
	name: "99th percentile",
	of: (samples) => quantile(samples, 0.99),
	format: time,
};

function rowsOf({ durable, bulk, hotReads, coldReads }) {
	const cache = `${(CACHED_PAGES * PAGE) / 2 ** 20} MiB`;
	const size = `${ENTRY} bytes`;
	return [
		{
			title: "first durable append to a new store, its library loaded",
			of: "first",
		},
		{
			title: "the same, from the load of the library on",
			of: "fromLoad",
		},
		{
			title: `one durable append of ${size}, ${durable} a round`,
			of: "durable",
			metrics: [MEDIAN, SLOWEST],
		},
		{
			title: `${bulk} entries of ${size}, durable once at the end, each`,
			of: "bulk",
		},
		{ title: "replay of all entries, each", of: "replay" },
		{
			title: `an entry at random, ${hotReads} from a cache of ${cache}, each`,
			of: "hot",
		},
		{
			title: `an entry at random, ${coldReads} past that cache, each`,
			of: "cold",
		},
	];
}
