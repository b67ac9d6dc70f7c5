import { Arena } from "./arena.ts";
import { ReadMemory } from "./read-memory.ts";
import { Scratch } from "./scratch.ts";
import { WriteMemory } from "./write-memory.ts";

const SCRATCH_BYTES = 48 * 1024;
const READ_BYTES_MIN = 256 * 1024;
const READ_BYTES_MAX = 1024 * 1024;

/**
 * How a store's linear memory is shared out: a little each for reads and for short steps, which
 * nothing else can take, and all else for page caches and write buffers.
 *
 *    start                                                   end
 *    | scratch | reads | arena: page caches, write buffers … |
 */
export class StoreMemory {
	readonly arena: Arena;
	readonly scratch: Scratch;
	readonly reads: ReadMemory;
	readonly writes: WriteMemory;

	constructor(start: number, end: number) {
		this.arena = new Arena(start, end);
		const { size } = this.arena;
		this.scratch = new Scratch(this.arena, Math.min(SCRATCH_BYTES, size / 8));
		const least = Math.min(READ_BYTES_MIN, size / 2);
		const bytes = Math.min(READ_BYTES_MAX, Math.max(least, size / 8));
		const address = this.arena.allocate(bytes);
		this.writes = new WriteMemory(this.arena);
		this.reads = new ReadMemory(new Arena(address, address + bytes));
	}
}
