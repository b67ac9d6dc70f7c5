// The rows of packed stores: one turn of a contender moves each frame once, and after each turn the system's cache is looked at.
import { FRAMES, Frames } from "./frames.mjs";
import { cachedBytes } from "./page-cache.mjs";
import { median, medianOfRatios, timed } from "./rounds.mjs";
import { bytes, time } from "./table.mjs";

/** They take direct I/O for a copy. */
const IN_MEMORY = ["tmpfs", "ramfs"];

/** `move` is the call that is measured, 'read' or 'write'. */
export async function packedRow({
	title,
	directories,
	isQuick,
	together,
	contenders,
	move,
}) {
	refuseMemory(directories);
	const frames = new Frames(together);
	const opened = [];
	for (const contender of contenders) {
		opened.push(
			await open(contender, directories.make("packed"), frames, move),
		);
	}
	return {
		title,
		isTidy: true,
		// A store that writes to free slots has had every one of them after two.
		warmUp: 3,
		rounds: isQuick ? 8 : 24,
		metrics: [
			{ name: "time", of: median, ratio: medianOfRatios, format: time },
		],
		contenders: opened,
		async close() {
			for (const { name, store } of opened) {
				await store.check(name);
				await store.close();
			}
		},
		notes: () => notesOn(opened),
	};
}

async function open(
	{ Store, options = {}, ...contender },
	directory,
	frames,
	move,
) {
	const store = await Store.open(directory, frames, options);
	if (move === "read") {
		await store.write();
	}
	const cached = { most: 0 };
	return {
		...contender,
		...{ store, cached },
		async measure() {
			const elapsed =
				move === "read"
					? await read(contender.name, store, frames)
					: await timed(() => store.write(), store.clock);
			cached.most = Math.max(cached.most, cachedBytes(store.path));
			if (contender.isOurs && cached.most > 0) {
				throw new Error(
					`${contender.name}: ${bytes(cached.most)} of ${store.path} lie in the system's cache`,
				);
			}
			return [elapsed / FRAMES];
		},
	};
}

/** Who has nothing to show for its reads is checked at the end. */
async function read(name, store, frames) {
	for (const place of store.places ?? []) {
		place.fill(0);
	}
	const elapsed = await timed(() => store.read(), store.clock);
	for (const [index, place] of (store.places ?? []).entries()) {
		frames.check(name, index, place);
	}
	return elapsed;
}

function notesOn(contenders) {
	return contenders
		.filter(({ cached, isOurs }) => isOurs || cached.most > 0)
		.map(
			({ name, cached }) =>
				`${name}: at most ${bytes(cached.most)} of its frames in the system's cache`,
		);
}

function refuseMemory({ fileSystem }) {
	if (IN_MEMORY.includes(fileSystem)) {
		throw new Error(
			`frames go to a disk, and this is ${fileSystem}: set TMPDIR to a directory of a disk`,
		);
	}
}
