import { setImmediate } from "node:timers/promises";

/** @import { Host, HostFile, HostOpenOptions, HostWriteOptions, OpenMode } from "../build/types/src/index.d.ts" */
/** @import { DirectoryNode, DiskEvent, DiskNode, FileNode } from "./disk-image.mjs" */

/**
 * Hands every call on to a host, and writes down in order what each of them changes, and what a completed sync covers. A
 * sync takes its time, so that other calls come in while it is under way.
 *
 * @implements {Host}
 */
export class RecordingHost {
	/** @type {DiskEvent[]} */
	events = [];
	#host;
	/** @type {Map<string, DiskNode>} */
	#nodes = new Map();

	/** @param {Host} host @param {DirectoryNode} disk what the host holds already */
	constructor(host, disk) {
		this.#host = host;
		this.disk = disk;
		this.#name("", disk);
	}

	get capabilities() {
		return this.#host.capabilities;
	}

	get location() {
		return this.#host.location;
	}

	/** @param {string} path @param {OpenMode} mode @param {HostOpenOptions} [options] */
	async open(path, mode, options) {
		const file = await this.#host.open(path, mode, options);
		if (file === undefined) {
			return undefined;
		}
		let node = /** @type {FileNode | undefined} */ (this.#nodes.get(path));
		if (node === undefined) {
			node = { kind: "file", bytes: new Uint8Array() };
			this.#setEntry(path, node);
		} else if (mode === "replace") {
			this.events.push({ kind: "truncate", node, size: 0 });
		}
		return new RecordingFile(file, node, this);
	}

	/** @param {string} directory */
	list(directory) {
		return this.#host.list(directory);
	}

	lockState() {
		return this.#host.lockState();
	}

	hold() {
		return this.#host.hold();
	}

	loadZstd() {
		return this.#host.loadZstd();
	}

	/** @param {string} path */
	async makeDirectory(path) {
		const isNew = await this.#host.makeDirectory(path);
		if (isNew && path !== "") {
			this.#setEntry(path, { kind: "directory", entries: new Map() });
		}
		return isNew;
	}

	/** @param {string} path */
	async remove(path) {
		const isRemoved = await this.#host.remove(path);
		if (isRemoved) {
			this.#setEntry(path, undefined);
		}
		return isRemoved;
	}

	/** @param {string} from @param {string} to */
	async rename(from, to) {
		await this.#host.rename(from, to);
		const node = this.#nodes.get(from);
		const made = this.#setEntry(to, node);
		this.#setEntry(from, undefined, made);
	}

	/** @param {string} path */
	async syncDirectory(path) {
		const node = this.#nodeOf(path);
		await this.sync(node, () => this.#host.syncDirectory(path));
	}

	lock() {
		return this.#host.lock();
	}

	/** Writes down that so many lines are acknowledged now. @param {number} count */
	acknowledge(count) {
		this.events.push({ kind: "acknowledged", count });
	}

	/** @param {DiskNode} node @param {() => void | Promise<void>} step */
	async sync(node, step) {
		const before = this.events.length;
		await setImmediate();
		await step();
		this.events.push({ kind: "synced", node, before });
	}

	/**
	 * @param {string} path
	 * @param {DiskNode | undefined} child nothing where the name is removed
	 * @param {number} [after] the event without which this one cannot have reached the disk
	 */
	#setEntry(path, child, after) {
		const slash = path.lastIndexOf("/");
		const node = this.#nodeOf(path.slice(0, Math.max(0, slash)));
		const name = path.slice(slash + 1);
		this.events.push({ kind: "entry", node, name, child, after });
		this.#forget(path);
		if (child !== undefined) {
			this.#name(path, child);
		}
		return this.events.length - 1;
	}

	/** @param {string} path */
	#nodeOf(path) {
		const node = this.#nodes.get(path);
		if (node === undefined) {
			throw new Error(`nothing is recorded of ${path}`);
		}
		return node;
	}

	/** @param {string} path @param {DiskNode} node */
	#name(path, node) {
		this.#nodes.set(path, node);
		if (node.kind === "directory") {
			for (const [name, child] of node.entries) {
				this.#name(path === "" ? name : `${path}/${name}`, child);
			}
		}
	}

	/** @param {string} path */
	#forget(path) {
		for (const known of this.#nodes.keys()) {
			if (known === path || known.startsWith(`${path}/`)) {
				this.#nodes.delete(known);
			}
		}
	}
}

/** @implements {HostFile} */
class RecordingFile {
	#file;
	#node;
	#host;

	/** @param {HostFile} file @param {FileNode} node @param {RecordingHost} host */
	constructor(file, node, host) {
		this.#file = file;
		this.#node = node;
		this.#host = host;
	}

	/** What is recorded is a write and a sync, each for itself. */
	get traits() {
		return { ...this.#file.traits, syncsWrites: false };
	}

	size() {
		return this.#file.size();
	}

	/** @param {readonly Uint8Array[]} targets @param {number} offset */
	read(targets, offset) {
		return this.#file.read(targets, offset);
	}

	/** @param {readonly Uint8Array[]} parts @param {number} offset @param {HostWriteOptions} [options] */
	async write(parts, offset, { synced = false } = {}) {
		const bytes = Buffer.concat(parts);
		await this.#file.write([bytes], offset);
		const node = this.#node;
		this.#host.events.push({ kind: "write", node, offset, bytes });
		await (synced ? this.sync() : undefined);
	}

	/** @param {readonly Uint8Array[]} memory */
	pin(memory) {
		return this.#file.pin(memory);
	}

	/** @param {number} size */
	async allocate(size) {
		await this.truncate(Math.max(size, await this.size()));
		return false;
	}

	/** @param {number} size */
	async truncate(size) {
		await this.#file.truncate(size);
		this.#host.events.push({ kind: "truncate", node: this.#node, size });
	}

	sync() {
		return this.#host.sync(this.#node, () => this.#file.sync());
	}

	close() {
		return this.#file.close();
	}
}
