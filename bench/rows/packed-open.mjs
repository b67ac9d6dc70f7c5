import { openPackedStore } from "../../build/node.js";
import { layPacked } from "../packed-files.mjs";
import { median, timed } from "../rounds.mjs";
import { time } from "../table.mjs";

const SECOND = 1e9;
/** For a million frames; a tenth of it for a tenth. */
const GOALS = { open: 1.2 * SECOND, list: 0.5 * SECOND };

/** For information: an open that judges the checksum of every frame, its longest stop of the event loop, and a list. */
export function makeRow({ directories, isQuick }) {
	const contenders = [1e5, 1e6].map((frames) => {
		const directory = directories.make(`${frames}-frames`);
		layPacked(directory, frames);
		return {
			name: `${frames.toLocaleString("en")} frames`,
			goals: goalsOf(frames),
			measure: () => measured(directory, frames),
		};
	});
	return {
		title: "packed store: an open with checksums, and its list of GUIDs",
		warmUp: 1,
		rounds: isQuick ? 3 : 9,
		isTidy: true,
		metrics: ["open", "stop", "list"].map((name) => ({
			name,
			of: (samples) => median(samples.map((sample) => sample[name])),
			format: time,
		})),
		contenders,
	};
}

function goalsOf(frames) {
	return Object.fromEntries(
		Object.entries(GOALS).map(([name, most]) => [
			name,
			{ atMost: (most * frames) / 1e6 },
		]),
	);
}

async function measured(directory, frames) {
	const stops = new Stops();
	let store;
	const open = await timed(async () => {
		store = await openPackedStore(directory, { directIO: "off" });
	});
	const stop = stops.longest();
	let guids;
	const list = await timed(() => {
		guids = store.list();
	});
	const { covered } = store.recovery.checksums;
	await store.drop();
	if (guids.length !== frames || covered !== frames) {
		throw new Error(`${guids.length} frames, ${covered} with checksums`);
	}
	return [{ open, stop, list }];
}

/** Looks in every turn of the event loop at how long the last one took. */
class Stops {
	#last = performance.now();
	#longest = 0;
	#next = setImmediate(() => this.#look());

	/** In nanoseconds. Nothing looks any more. */
	longest() {
		clearImmediate(this.#next);
		this.#note();
		return this.#longest * 1e6;
	}

	#look() {
		this.#note();
		this.#next = setImmediate(() => this.#look());
	}

	#note() {
		const now = performance.now();
		this.#longest = Math.max(this.#longest, now - this.#last);
		this.#last = now;
	}
}
