import {
	closeSync,
	constants,
	fdatasync,
	fdatasyncSync,
	openSync,
	read,
	readSync,
	write,
	writeSync,
	writev,
	writevSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { FRAME_SIZE, FRAMES, framesOfMemory } from "../frames.mjs";

const { O_RDWR, O_CREAT, O_DIRECT } = constants;

/** Of manifest.log. */
const RECORD_SIZE = 37;

const IN_POOL = {
	read: promisify(read),
	write: promisify(write),
	writev: promisify(writev),
	sync: promisify(fdatasync),
};
const BLOCKING = {
	read: readSync,
	write: writeSync,
	writev: writevSync,
	sync: fdatasyncSync,
};

/**
 * Aligned calls past the system's cache on a file that has all its room, and nothing else: for each batch of writes one call and
 * one sync, for reads a call for each frame, as many at once as the row has.
 */
export class BareFrames {
	path;
	places;
	#frames;
	#calls;
	#fd;
	#log;

	constructor(path, frames, places, calls, fd, log) {
		this.path = path;
		this.places = places;
		this.#frames = frames;
		this.#calls = calls;
		this.#fd = fd;
		this.#log = log;
		frames.fill(this.places);
	}

	/** The whole file has been written then. With `hasLog`, a record in another file follows each sync, and a sync of that. */
	static async open(
		directory,
		frames,
		{ isPooled = false, hasLog = false, isHuge = false },
	) {
		const path = join(directory, "frames");
		const fd = openSync(path, O_RDWR | O_CREAT | O_DIRECT, 0o644);
		const calls = isPooled ? IN_POOL : BLOCKING;
		const log = hasLog
			? new Records(join(directory, "log"), frames, calls)
			: undefined;
		const places = await framesOfMemory(frames.together, isHuge);
		const bare = new BareFrames(path, frames, places, calls, fd, log);
		await bare.write();
		return bare;
	}

	async write() {
		for (const start of this.#frames.starts) {
			const position = start * FRAME_SIZE;
			const [first] = this.places;
			await (this.places.length === 1
				? this.#calls.write(this.#fd, first, 0, FRAME_SIZE, position)
				: this.#calls.writev(this.#fd, this.places, position));
			await this.#calls.sync(this.#fd);
			await this.#log?.append();
		}
	}

	async read() {
		for (const start of this.#frames.starts) {
			await this.#readFrom(start);
		}
	}

	check(name) {
		const [place] = this.places;
		for (let index = 0; index < FRAMES; index += 1) {
			readSync(this.#fd, place, 0, FRAME_SIZE, index * FRAME_SIZE);
			this.#frames.check(name, index, place);
		}
	}

	close() {
		closeSync(this.#fd);
		this.#log?.close();
	}

	/** No promise where none of the calls gives one. */
	#readFrom(start) {
		const reads = this.places.map((place, at) =>
			this.#calls.read(
				...[this.#fd, place, 0, FRAME_SIZE, (start + at) * FRAME_SIZE],
			),
		);
		return Promise.all(reads);
	}
}

/** A log that grows, as a manifest's does. */
class Records {
	#fd;
	#calls;
	#bytes;
	#size = 0;

	constructor(path, { together }, calls) {
		this.#fd = openSync(path, "w");
		this.#calls = calls;
		this.#bytes = new Uint8Array(together * RECORD_SIZE);
	}

	async append() {
		const bytes = this.#bytes;
		await this.#calls.write(this.#fd, bytes, 0, bytes.length, this.#size);
		await this.#calls.sync(this.#fd);
		this.#size += bytes.length;
	}

	close() {
		closeSync(this.#fd);
	}
}
