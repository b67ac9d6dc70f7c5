// Who takes part in the rows of packed stores. All stores have the same calls: `write` and `read` move each frame of the row once,
// as many together as the row says; what `write` has written is durable when it resolves.
import { isFioInstalled } from "./fio.mjs";
import { isHoltBuilt } from "./holt.mjs";
import { BareFrames } from "./stores/bare-frames.mjs";
import { BufferedFrames } from "./stores/buffered-frames.mjs";
import { FioFrames } from "./stores/fio.mjs";
import { HoltFrames } from "./stores/holt.mjs";
import { PackedFrames } from "./stores/packed.mjs";

/** As it comes: through a ring where the kernel gives one, in no thread's way, and with checksums. */
const DEFAULT = "dualslot";

const OURS = [{ io: "auto" }, { io: "calls" }].flatMap((io) =>
	[{}, { sync: "blocking" }].flatMap((sync) =>
		[{}, { checksums: false }].map((checksums) => {
			const options = { ...io, ...sync, ...checksums };
			return {
				name: nameOf(options),
				Store: PackedFrames,
				isOurs: true,
				options,
			};
		}),
	),
);

function nameOf({ io, sync, checksums }) {
	return [
		DEFAULT,
		...(io === "calls" ? ["calls"] : []),
		...(sync === undefined ? [] : [sync]),
		...(checksums === false ? ["no checksums"] : []),
	].join(", ");
}

/** What is most like those who check nothing. */
function alike(io, sync) {
	return nameOf({ io, sync, checksums: false });
}

const NEAR = { time: { ratio: 0.95 } };
const AHEAD = { time: { ratio: 1 } };

/** A ring pays where many transfers are under way. */
const RING_FROM = 8;

function ours(together) {
	const isGoal = together >= RING_FROM;
	return OURS.map((own) =>
		isGoal && own.name === nameOf({ io: "calls" })
			? { ...own, goals: AHEAD }
			: own,
	);
}

const BARE = [
	{ name: "bare loop, in the pool", isPooled: true },
	{ name: "bare loop, blocking", isPooled: false },
	{ name: "bare loop, blocking, huge pages", isPooled: false, isHuge: true },
].map(({ name, isHuge, ...options }) => ({
	...{ name, Store: BareFrames, options: { ...options, isHuge } },
	...(isHuge ? {} : { goals: NEAR }),
	against: [DEFAULT, alike("calls", options.isPooled ? undefined : "blocking")],
}));

/** What a bare loop takes that also says, in a second file, what it has written: no frame is found again without that. */
const WITH_LOG = [
	{
		name: "bare loop, blocking, and a synced log",
		...{ Store: BareFrames, options: { isPooled: false, hasLog: true } },
		against: alike("calls", "blocking"),
	},
];

const HOLT = [
	{ release: "0.7.1", transfers: "calls" },
	{ release: "0.9.2", transfers: "calls" },
	{ release: "0.9.2", transfers: "ring" },
].map(({ release, transfers }) => ({
	name: `holt ${release}, ${transfers}`,
	...{ Store: HoltFrames, options: { release, transfers } },
	goals: AHEAD,
	against: [DEFAULT, alike(transfers, "blocking")],
}));

const BUFFERED = {
	name: "a file for each frame, through the cache",
	...{ Store: BufferedFrames, isBuffered: true },
};

export function writers(together) {
	return [...ours(together), ...BARE, ...WITH_LOG, ...others(together)];
}

export function readers(together) {
	return [...ours(together), ...BARE, ...others(together)];
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
		...(engine === "io_uring" && {
			goals: NEAR,
			against: [DEFAULT, alike("ring", "blocking")],
		}),
	}));
}
