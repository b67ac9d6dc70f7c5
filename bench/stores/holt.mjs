import { join } from "node:path";
import { FRAMES } from "../frames.mjs";
import { startHolt } from "../holt.mjs";

/** holt's own store in its own program, whose own time counts, without the way to it and back. */
export class HoltFrames {
	path;
	clock = { now: () => this.#elapsed };
	#program;
	#frames;
	/** Milliseconds in all. */
	#elapsed = 0;

	constructor(path, program, frames) {
		this.path = path;
		this.#program = program;
		this.#frames = frames;
	}

	static async open(directory, frames, options) {
		const program = await startHolt(directory, options);
		return new HoltFrames(join(directory, "blobs.dat"), program, frames);
	}

	write() {
		return this.#measure("write");
	}

	read() {
		return this.#measure("read");
	}

	async check(name) {
		const guids = this.#frames.guids.map((guid) => guid.toString("hex"));
		const digest = await this.#program.ask(`digest ${guids.join(" ")}`);
		if (digest !== this.#frames.digest) {
			throw new Error(`${name}: the frames are other ones than were stored`);
		}
	}

	close() {
		return this.#program.close();
	}

	async #measure(what) {
		const { together } = this.#frames;
		const line = `measure_${what} ${FRAMES} ${together}`;
		this.#elapsed += Number(await this.#program.ask(line)) / 1e6;
	}
}
