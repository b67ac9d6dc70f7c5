/** @import { Host } from "../build/types/src/index.d.ts" */
/** @import { Random } from "./random.mjs" */

/**
 * A simple model of a disk. It is a tree of nodes, all of which is durable; and a list of events, of which only what a
 * completed sync covers is. When the power is cut, everything else may be there or not, in pieces:
 *
 * - each 512-byte sector of a file shows it as it was at some moment since its last completed sync, and so does its length;
 * - each name of a directory means what it meant at some moment since the last completed sync of the directory.
 *
 * The moments need not agree: a length can come before the bytes, a name before its file's content, a later write before
 * an earlier one.
 *
 * @typedef {{ kind: "file", bytes: Uint8Array }} FileNode
 * @typedef {{ kind: "directory", entries: Map<string, DiskNode> }} DirectoryNode
 * @typedef {FileNode | DirectoryNode} DiskNode
 *
 * @typedef {{ kind: "write", node: DiskNode, offset: number, bytes: Uint8Array }} WriteEvent
 * @typedef {{ kind: "truncate", node: DiskNode, size: number }} TruncateEvent
 * @typedef {{ kind: "entry", node: DiskNode, name: string, child?: DiskNode, after?: number }} EntryEvent
 * @typedef {{ kind: "synced", node: DiskNode, before: number }} SyncedEvent
 * @typedef {{ kind: "acknowledged", count: number }} AcknowledgedEvent
 * @typedef {WriteEvent | TruncateEvent | EntryEvent | SyncedEvent | AcknowledgedEvent} DiskEvent
 *
 * @typedef {{ index: number, event: WriteEvent | TruncateEvent }} FileChange
 * @typedef {{ index: number, event: WriteEvent | TruncateEvent | EntryEvent }} Change
 */

const SECTOR = 512;

/**
 * How much of what no sync has covered a disk can keep. Each answers, for one sector, length or name after the other, up to
 * which event it is there; `first` is the first event that may be missing, `cut` the first that has not happened.
 *
 * @type {Record<string, (random: Random, first: number, cut: number) => () => number>}
 */
export const MANNERS = {
	nothing: (_random, first) => () => first,
	"a prefix of the writes": (random, first, cut) => {
		const moment = random.between(first, cut);
		// The write that was under way may be torn.
		return () => moment + (random.chance(0.5) ? 1 : 0);
	},
	"some of the sectors": (random, first, cut) => {
		const share = random.next();
		return () => (random.chance(share) ? cut : first);
	},
	"sectors out of order": (random, first, cut) => () =>
		random.between(first, cut),
};

/** @returns {DirectoryNode} */
export function emptyDisk() {
	return { kind: "directory", entries: new Map() };
}

/** Puts what a disk holds into an empty host. @param {Host} host @param {DiskNode} node */
export async function loadDisk(host, node, path = "") {
	if (node.kind === "directory") {
		await host.makeDirectory(path);
		for (const [name, child] of node.entries) {
			await loadDisk(host, child, path === "" ? name : `${path}/${name}`);
		}
		return;
	}
	const file = await host.open(path, "replace");
	await file?.write([node.bytes], 0);
	await file?.close();
}

/** What was recorded of a disk up to the moment when its power is cut. */
export class PowerCut {
	/** Lines that were acknowledged before the cut, in this recording. */
	acknowledged = 0;
	#disk;
	#cut;
	/** @type {Change[]} */
	#changes = [];
	/** Each node's events before this one are durable. @type {Map<DiskNode, number>} */
	#durable = new Map();

	/** @param {DirectoryNode} disk @param {DiskEvent[]} events @param {number} cut */
	constructor(disk, events, cut) {
		this.#disk = disk;
		this.#cut = cut;
		for (const [index, event] of events.slice(0, cut).entries()) {
			if (event.kind === "acknowledged") {
				this.acknowledged = event.count;
			} else if (event.kind === "synced") {
				const before = Math.max(event.before, this.#durableOf(event.node));
				this.#durable.set(event.node, before);
			} else {
				this.#changes.push({ index, event });
			}
		}
	}

	/** What the disk can hold afterwards. @param {string} manner @param {Random} random */
	image(manner, random) {
		const atRisk = this.#changes.find(
			({ index, event }) => index >= this.#durableOf(event.node),
		);
		const first = atRisk?.index ?? this.#cut;
		const moment = MANNERS[manner](random, first, this.#cut);
		return this.#directory(this.#disk, this.#keptEntries(moment), moment);
	}

	/** @param {DiskNode} node */
	#durableOf(node) {
		return this.#durable.get(node) ?? 0;
	}

	/** @param {DiskNode} node @param {() => number} moment */
	#survivalOf(node, moment) {
		return new Survival(this.#durableOf(node), moment);
	}

	/** @param {() => number} moment */
	#keptEntries(moment) {
		/** @type {Map<DiskNode, Survival>} */
		const survivals = new Map();
		/** @type {Map<number, EntryEvent>} */
		const kept = new Map();
		for (const { index, event } of this.#changes) {
			if (event.kind === "entry") {
				const { node, name, after } = event;
				const survival = survivals.get(node) ?? this.#survivalOf(node, moment);
				survivals.set(node, survival);
				const isPossible = after === undefined || kept.has(after);
				if (isPossible && survival.includes(index, name)) {
					kept.set(index, event);
				}
			}
		}
		return [...kept.values()];
	}

	/**
	 * @param {DirectoryNode} node
	 * @param {EntryEvent[]} kept
	 * @param {() => number} moment
	 * @returns {DirectoryNode}
	 */
	#directory(node, kept, moment) {
		const entries = new Map(node.entries);
		for (const { name, child } of kept.filter((event) => event.node === node)) {
			if (child === undefined) {
				entries.delete(name);
			} else {
				entries.set(name, child);
			}
		}
		for (const [name, child] of entries) {
			const left =
				child.kind === "file"
					? this.#file(child, moment)
					: this.#directory(child, kept, moment);
			entries.set(name, left);
		}
		return { kind: "directory", entries };
	}

	/** @param {FileNode} node @param {() => number} moment @returns {FileNode} */
	#file(node, moment) {
		const survival = this.#survivalOf(node, moment);
		const changes = /** @type {FileChange[]} */ (
			this.#changes.filter(({ event }) => event.node === node)
		);
		const bytes = new Uint8Array(largestSize(node, changes));
		bytes.set(node.bytes);
		let size = node.bytes.length;
		let length = size;
		for (const { index, event } of changes) {
			const { start, data, end } = effectOf(event, bytes.length, size);
			for (const [from, to] of sectorsOf(start, start + data.length)) {
				if (survival.includes(index, Math.floor(from / SECTOR))) {
					bytes.set(data.subarray(from - start, to - start), from);
				}
			}
			size = end;
			length = survival.includes(index, "length") ? size : length;
		}
		return { kind: "file", bytes: bytes.slice(0, length) };
	}
}

/** Which of a node's events are on the disk, for each of its sectors or names: all before one moment, drawn once. */
class Survival {
	#durable;
	#moment;
	/** @type {Map<number | string, number>} */
	#drawn = new Map();

	/** @param {number} durable @param {() => number} moment */
	constructor(durable, moment) {
		this.#durable = durable;
		this.#moment = moment;
	}

	/** @param {number} index @param {number | string} part */
	includes(index, part) {
		if (index < this.#durable) {
			return true;
		}
		const moment = this.#drawn.get(part) ?? this.#moment();
		this.#drawn.set(part, moment);
		return index < moment;
	}
}

/** @param {FileNode} node @param {FileChange[]} changes */
function largestSize(node, changes) {
	const sizes = changes.map(({ event }) =>
		event.kind === "write" ? event.offset + event.bytes.length : event.size,
	);
	return Math.max(node.bytes.length, ...sizes);
}

/**
 * The bytes that an event puts into a file, and the size that it leaves: a truncation puts zeros from there on.
 *
 * @param {WriteEvent | TruncateEvent} event
 * @param {number} capacity
 * @param {number} size
 */
function effectOf(event, capacity, size) {
	if (event.kind === "write") {
		const end = event.offset + event.bytes.length;
		const data = event.bytes;
		return { start: event.offset, data, end: Math.max(size, end) };
	}
	const start = event.size;
	return { start, data: new Uint8Array(capacity - start), end: start };
}

/**
 * A range, cut at the borders of sectors.
 *
 * @param {number} start
 * @param {number} end
 * @returns {Generator<[from: number, to: number]>}
 */
function* sectorsOf(start, end) {
	let from = start;
	while (from < end) {
		const to = Math.min(end, (Math.floor(from / SECTOR) + 1) * SECTOR);
		yield [from, to];
		from = to;
	}
}
