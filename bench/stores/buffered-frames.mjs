import { Buffer } from "node:buffer";
import { closeSync, fdatasync, openSync, read, write } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { FRAME_SIZE, FRAMES } from "../frames.mjs";

const CALLS = {
	read: promisify(read),
	write: promisify(write),
	sync: promisify(fdatasync),
};

/** What one would write without a store: a file for each frame, through the system's cache. */
export class BufferedFrames {
	path;
	places;
	#frames;
	#fds;

	constructor(path, frames) {
		this.path = path;
		this.#frames = frames;
		this.places = Array.from({ length: frames.together }, () =>
			Buffer.alloc(FRAME_SIZE),
		);
		frames.fill(this.places);
		this.#fds = Array.from({ length: FRAMES }, (_, index) =>
			openSync(join(path, `frame-${index}`), "w+"),
		);
	}

	static async open(directory, frames) {
		return new BufferedFrames(directory, frames);
	}

	async write() {
		for (const start of this.#frames.starts) {
			await this.#each(start, async (fd, place) => {
				await CALLS.write(fd, place, 0, FRAME_SIZE, 0);
				await CALLS.sync(fd);
			});
		}
	}

	async read() {
		for (const start of this.#frames.starts) {
			await this.#each(start, (fd, place) =>
				CALLS.read(fd, place, 0, FRAME_SIZE, 0),
			);
		}
	}

	async check(name) {
		const [place] = this.places;
		for (const [index, fd] of this.#fds.entries()) {
			await CALLS.read(fd, place, 0, FRAME_SIZE, 0);
			this.#frames.check(name, index, place);
		}
	}

	close() {
		this.#fds.forEach(closeSync);
	}

	#each(start, step) {
		return Promise.all(
			this.places.map((place, at) => step(this.#fds[start + at], place)),
		);
	}
}
