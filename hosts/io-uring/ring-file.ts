import { lengthOf } from "../../src/parts.ts";
import type { Ring } from "../io-uring.ts";
import {
	type PosixCalls,
	PosixFile,
	partsOfOneCall,
	TRANSFER_MAX,
	withoutFirst,
} from "../posix-file.ts";
import { FSYNC_DATASYNC, OPCODE, RWF_DSYNC, vectorsOf } from "./abi.ts";
import { type Operation, type RingTarget, syncOperation } from "./operation.ts";

const NO_FLAGS = 0;

/** The operations of a transfer: of one piece of memory, of one that is registered, and of many. */
interface Forms {
	readonly plain: number;
	readonly fixed: number;
	readonly vectored: number;
}

const READ: Forms = {
	...{ plain: OPCODE.read, fixed: OPCODE.readFixed, vectored: OPCODE.readv },
};
const WRITE: Forms = {
	...{ plain: OPCODE.write, fixed: OPCODE.writeFixed, vectored: OPCODE.writev },
};

/** Memory, and the operation that moves it. */
type Place = Omit<Operation, "file" | "offset" | "flags">;

/**
 * A file whose bytes move through a ring. Transfers that come up short go on where they ended. What is registered with the ring goes
 * by its index, the file itself and memory: the kernel has looked those up before.
 */
export class RingFile extends PosixFile {
	override readonly alignment: number;
	readonly depth: number;
	readonly #ring: Ring;
	readonly #target: RingTarget;
	readonly #release: () => Promise<void>;

	/** `release` is called once the file is closed, and may let the ring go. */
	constructor(
		fd: number,
		calls: PosixCalls,
		ring: Ring,
		alignment: number,
		release: () => Promise<void>,
	) {
		super(fd, calls);
		this.alignment = alignment;
		this.depth = ring.depth;
		this.#ring = ring;
		this.#target = ring.files.add(fd);
		this.#release = release;
	}

	/** Answers whether the kernel keeps the memory mapped for the ring. What is mapped is as large as its pages are then. */
	async pin(memory: readonly Uint8Array[]): Promise<boolean> {
		await this.prepare(memory);
		return this.#ring.memory.register(memory);
	}

	override read(target: Uint8Array, offset: number): Promise<number> {
		return this.inPool(this.#readTogether([target], offset));
	}

	readParts(targets: readonly Uint8Array[], offset: number): Promise<number> {
		return this.inPool(this.#readAll(targets, offset));
	}

	override write(parts: readonly Uint8Array[], offset: number): Promise<void> {
		return this.inPool(this.#writeAll(parts, offset, NO_FLAGS));
	}

	writeSynced(parts: readonly Uint8Array[], offset: number): Promise<void> {
		return this.inPool(this.#writeAll(parts, offset, RWF_DSYNC));
	}

	override sync(): Promise<void> {
		return this.inPool(this.#sync());
	}

	override async close(): Promise<void> {
		await this.settled();
		this.#ring.files.remove(this.#target);
		try {
			await super.close();
		} finally {
			await this.#release();
		}
	}

	async #sync(): Promise<void> {
		await this.#ring.submit(syncOperation(this.#target, FSYNC_DATASYNC));
	}

	async #readAll(
		targets: readonly Uint8Array[],
		offset: number,
	): Promise<number> {
		const groups = this.#groupsOf(targets);
		let position = offset;
		const reads = groups.map((group) => {
			const read = this.#readTogether(group, position);
			position += lengthOf(group);
			return read;
		});
		await Promise.allSettled(reads);
		const counts = await Promise.all(reads);
		const short = groups.findIndex(
			(group, index) => (counts[index] ?? 0) < lengthOf(group),
		);
		const whole = short < 0 ? counts : counts.slice(0, short + 1);
		return whole.reduce((sum, count) => sum + count, 0);
	}

	async #readTogether(
		targets: readonly Uint8Array[],
		offset: number,
	): Promise<number> {
		let rest = targets;
		let filled = 0;
		while (lengthOf(rest) > 0) {
			const place = this.#placeOfAll(partsOfOneCall(rest), READ);
			const count = await this.#submit(place, offset + filled, NO_FLAGS);
			filled += count;
			rest = withoutFirst(rest, count);
			// Direct I/O ends off a block at the end of the file alone, and could not go on there.
			if (count === 0 || filled % this.alignment !== 0) {
				break;
			}
		}
		return filled;
	}

	async #writeAll(
		parts: readonly Uint8Array[],
		offset: number,
		flags: number,
	): Promise<void> {
		const writes: Promise<void>[] = [];
		let position = offset;
		for (const together of this.#groupsOf(parts)) {
			writes.push(this.#writeTogether(together, position, flags));
			position += lengthOf(together);
		}
		await Promise.allSettled(writes);
		await Promise.all(writes);
	}

	async #writeTogether(
		parts: readonly Uint8Array[],
		offset: number,
		flags: number,
	): Promise<void> {
		let rest = parts;
		let position = offset;
		while (rest.length > 0) {
			const place = this.#placeOfAll(partsOfOneCall(rest), WRITE);
			const count = await this.#submit(place, position, flags);
			position += count;
			rest = withoutFirst(rest, count);
			if (count === 0 || (rest.length > 0 && count % this.alignment !== 0)) {
				throw new Error(`a write at ${position} took ${count} bytes`);
			}
		}
	}

	/** Parts in registered memory go each by itself, all at once; those between them together. */
	#groupsOf(parts: readonly Uint8Array[]): Uint8Array[][] {
		const groups: Uint8Array[][] = [];
		let between: Uint8Array[] | undefined;
		for (const part of parts.filter(({ length }) => length > 0)) {
			const address = this.#ring.memory.addressOf(part);
			const region = this.#ring.memory.regionOf(address, part.length);
			if (region !== undefined) {
				groups.push([part]);
				between = undefined;
			} else if (between === undefined) {
				between = [part];
				groups.push(between);
			} else {
				between.push(part);
			}
		}
		return groups;
	}

	#placeOfAll(parts: readonly Uint8Array[], forms: Forms): Place {
		const [first] = parts;
		if (first !== undefined && parts.length === 1) {
			return this.#placeOf(first.subarray(0, TRANSFER_MAX), forms);
		}
		const vectors = vectorsOf(
			parts.map((part) => ({
				...{ address: this.#ring.memory.addressOf(part), length: part.length },
			})),
		);
		return {
			...{ opcode: forms.vectored, region: 0, length: parts.length },
			address: this.#ring.memory.addressOf(vectors),
			holds: [vectors, ...parts],
		};
	}

	#placeOf(memory: Uint8Array, { plain, fixed }: Forms): Place {
		const address = this.#ring.memory.addressOf(memory);
		const region = this.#ring.memory.regionOf(address, memory.length);
		return {
			...{ address, length: memory.length, holds: [memory] },
			opcode: region === undefined ? plain : fixed,
			region: region ?? 0,
		};
	}

	#submit(place: Place, offset: number, flags: number): Promise<number> {
		return this.#ring.submit({ ...place, file: this.#target, offset, flags });
	}
}
