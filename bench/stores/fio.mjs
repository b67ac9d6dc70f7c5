import { closeSync, openSync, readSync } from "node:fs";
import { runFio } from "../fio.mjs";
import { FRAME_SIZE, FRAMES } from "../frames.mjs";
import { BareFrames } from "./bare-frames.mjs";

/** It counts whole milliseconds: turns are longer by this than those of others. */
const PASSES = 8;
/** What it writes, over and over. */
const PATTERN = 0x5a;

/** fio over a file that the bare loop has made. It counts the time of its own transfers, without its start. */
export class FioFrames {
	path;
	clock = { now: () => this.#elapsed };
	#frames;
	#engine;
	/** Milliseconds for as many frames as a turn of others has. */
	#elapsed = 0;
	#hasWritten = false;

	constructor(path, frames, engine) {
		this.path = path;
		this.#frames = frames;
		this.#engine = engine;
	}

	/** `engine` is one of fio's own. */
	static async open(directory, frames, { engine }) {
		const file = await BareFrames.open(directory, frames, {});
		await file.close();
		return new FioFrames(file.path, frames, engine);
	}

	write() {
		const { together } = this.#frames;
		this.#hasWritten = true;
		this.#run("write", {
			...{ fdatasync: together, buffer_pattern: `0x${PATTERN.toString(16)}` },
			// A batch is whole before its sync, and synced before the next one.
			...{
				iodepth_batch_submit: together,
				iodepth_batch_complete_min: together,
			},
		});
	}

	read() {
		this.#run("read", {});
	}

	/** Past the cache no more than the others: what is read here goes once it is closed. */
	async check(name) {
		if (!this.#hasWritten) {
			return;
		}
		const frame = new Uint8Array(FRAME_SIZE);
		const fd = openSync(this.path, "r");
		for (let index = 0; index < FRAMES; index += 1) {
			readSync(fd, frame, 0, FRAME_SIZE, index * FRAME_SIZE);
			if (frame.some((byte) => byte !== PATTERN)) {
				throw new Error(`${name}: frame ${index} is wrong`);
			}
		}
		closeSync(fd);
	}

	close() {}

	#run(kind, options) {
		const job = runFio({
			...{ filename: this.path, rw: kind, bs: FRAME_SIZE, direct: 1 },
			...{ size: FRAMES * FRAME_SIZE, loops: PASSES, overwrite: 1 },
			...{ ioengine: this.#engine, iodepth: this.#frames.together },
			...options,
		});
		const { bw_bytes: bandwidth } = job[kind];
		this.#elapsed += ((FRAMES * FRAME_SIZE) / bandwidth) * 1e3;
	}
}
