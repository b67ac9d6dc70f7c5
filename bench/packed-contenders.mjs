// Who takes part in the rows of packed stores. All stores have the same calls: `write` and `read` move each frame of the row once,
// as many together as the row says; what `write` has written is durable when it resolves.
import { isFioInstalled } from "./fio.mjs";
import { isHoltBuilt } from "./holt.mjs";
import { BareFrames } from "./stores/bare-frames.mjs";
import { BufferedFrames } from "./stores/buffered-frames.mjs";
import { FioFrames } from "./stores/fio.mjs";
import { HoltFrames } from "./stores/holt.mjs";
import { PackedFrames } from "./stores/packed.mjs";

/** As it comes, and without what a bare loop and holt do not do. */
const DEFAULT = "dualslot";
const UNCHECKED = "dualslot, no checksums";
const BLOCKING_UNCHECKED = "dualslot, blocking, no checksums";

const OURS = [
	{ name: DEFAULT },
	{ name: "dualslot, blocking", options: { sync: "blocking" } },
	{ name: UNCHECKED, options: { checksums: false } },
	{
		name: BLOCKING_UNCHECKED,
		options: { sync: "blocking", checksums: false },
	},
].map((own) => ({ Store: PackedFrames, isOurs: true, ...own }));

const BARE_GOAL = { time: { ratio: 0.95 } };
const AHEAD = { time: { ratio: 1 } };

const BARE = [
	{ name: "bare loop, in the pool", isPooled: true, alike: UNCHECKED },
	{ name: "bare loop, blocking", isPooled: false, alike: BLOCKING_UNCHECKED },
].map(({ name, isPooled, alike }) => ({
	...{ name, Store: BareFrames, options: { isPooled } },
	...{ goals: BARE_GOAL, against: [DEFAULT, alike] },
}));

/** What a bare loop takes that also says, in a second file, what it has written: no frame is found again without that. */
const WITH_LOG = [
	{
		name: "bare loop, blocking, and a synced log",
		...{ Store: BareFrames, options: { isPooled: false, hasLog: true } },
		against: BLOCKING_UNCHECKED,
	},
];

const HOLT = [
	{ release: "0.7.1", transfers: "calls" },
	{ release: "0.9.2", transfers: "calls" },
	{ release: "0.9.2", transfers: "ring" },
].map(({ release, transfers }) => ({
	name: `holt ${release}, ${transfers}`,
	...{ Store: HoltFrames, options: { release, transfers } },
	...{ goals: AHEAD, against: [DEFAULT, BLOCKING_UNCHECKED] },
}));

const BUFFERED = {
	name: "a file for each frame, through the cache",
	...{ Store: BufferedFrames, isBuffered: true },
};

export function writers(together) {
	return [...OURS, ...BARE, ...WITH_LOG, ...others(together)];
}

export function readers(together) {
	return [...OURS, ...BARE, ...others(together)];
}

function others(together) {
	return [
		...HOLT.filter(({ options }) => isHoltBuilt(options)),
		...(isFioInstalled() ? fio(together) : []),
		BUFFERED,
	];
}

/** Only a ring has many transfers under way. */
function fio(together) {
	const engines = together === 1 ? ["psync", "io_uring"] : ["io_uring"];
	return engines.map((engine) => ({
		name: `fio, ${engine}`,
		...{ Store: FioFrames, options: { engine } },
	}));
}
