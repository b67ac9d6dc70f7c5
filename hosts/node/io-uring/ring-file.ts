import { lengthOf } from "../../../src/bytes.ts";
import { countRead } from "../../../src/host/answers.ts";
import type { FileTraits, HostWriteOptions } from "../../../src/host/host.ts";
import { endingWith } from "../../../src/turns/endings.ts";
import {
	bytesOfOneCall,
	type PosixCalls,
	PosixFile,
	partsOfOneCall,
	withoutFirst,
} from "../../posix/posix-file.ts";
import { FSYNC_DATASYNC, OPCODE, RWF_DSYNC, vectorsOf } from "./abi.ts";
import type { Ring } from "./io-uring.ts";
import type { Operation, RingTarget } from "./operation.ts";

const NO_FLAGS = 0;
const NO_BYTES = new Uint8Array();

/** Opcodes of a transfer: of one piece of memory, or of many; registered, or not. */
interface Forms {
	readonly plain: number;
	readonly vectored: number;
	readonly fixed: number;
	readonly fixedVectored: number;
}

const READ: Forms = {
	plain: OPCODE.read,
	vectored: OPCODE.readv,
	fixed: OPCODE.readFixed,
	fixedVectored: OPCODE.readvFixed,
};
const WRITE: Forms = {
	plain: OPCODE.write,
	vectored: OPCODE.writev,
	fixed: OPCODE.writeFixed,
	fixedVectored: OPCODE.writevFixed,
};

/** Memory, and the operation that moves it. */
type Place = Omit<Operation, "file" | "offset" | "flags">;

/**
 * A file whose bytes move through a ring. Short transfers go on where they ended. A registered file
 * and registered memory go by their index: the kernel has looked them up before.
 */
export class RingFile extends PosixFile {
	override readonly traits: FileTraits;
	readonly #ring: Ring;
	readonly #target: RingTarget;
	readonly #release: () => Promise<void>;
	#hasPinned = false;

	/** `release` is called once the file is closed, and may release the ring. */
	constructor(
		fd: number,
		calls: PosixCalls,
		ring: Ring,
		alignment: number,
		release: () => Promise<void>,
	) {
		super(fd, calls);
		this.traits = { alignment, depth: ring.depth, syncsWrites: true };
		this.#ring = ring;
		this.#target = ring.files.add(fd);
		this.#release = release;
	}

	/**
	 * Resolves to whether the kernel keeps the memory mapped for the ring. The pages of the mapping
	 * keep their size.
	 */
	override pin(memory: readonly Uint8Array[]): Promise<boolean> {
		return this.inPool(() => this.#pin(memory));
	}

	override read(
		targets: readonly Uint8Array[],
		offset: number,
	): Promise<number> {
		return this.inPool(() => this.#readAll(targets, offset));
	}

	override write(
		parts: readonly Uint8Array[],
		offset: number,
		{ synced = false }: HostWriteOptions = {},
	): Promise<void> {
		const flags = synced ? RWF_DSYNC : NO_FLAGS;
		return this.inPool(() => this.#writeAll(parts, offset, flags));
	}

	override sync(): Promise<void> {
		return this.inPool(() => this.#sync());
	}

	override async close(): Promise<void> {
		await super.close();
	}

	protected override async end(): Promise<void> {
		await this.settled();
		this.#ring.files.remove(this.#target);
		if (this.#hasPinned) {
			this.#ring.memory.forget();
		}
		await endingWith(
			() => super.end(),
			() => this.#release(),
		);
	}

	async #pin(memory: readonly Uint8Array[]): Promise<boolean> {
		await this.prepare(memory);
		const isPinned = this.#ring.memory.register(memory);
		this.#hasPinned ||= isPinned;
		return isPinned;
	}

	async #sync(): Promise<void> {
		await this.#ring.sync(this.#target, FSYNC_DATASYNC);
	}

	async #readAll(
		targets: readonly Uint8Array[],
		offset: number,
	): Promise<number> {
		const groups = this.#groupsOf(targets);
		const counts = await eachAt(groups, offset, (group, position) =>
			this.#readTogether(group, position),
		);
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
			const parts = partsOfOneCall(rest);
			const place = this.#placeOf(parts, READ);
			const answer = await this.#submit(place, offset + filled, NO_FLAGS);
			const count = countRead(answer, bytesOfOneCall(parts));
			filled += count;
			rest = this.hasEnded(count) ? [] : withoutFirst(rest, count);
		}
		return filled;
	}

	async #writeAll(
		parts: readonly Uint8Array[],
		offset: number,
		flags: number,
	): Promise<void> {
		await eachAt(this.#groupsOf(parts), offset, (group, position) =>
			this.#writeTogether(group, position, flags),
		);
	}

	async #writeTogether(
		parts: readonly Uint8Array[],
		offset: number,
		flags: number,
	): Promise<void> {
		let rest = parts;
		let position = offset;
		while (rest.length > 0) {
			const parts = partsOfOneCall(rest);
			const place = this.#placeOf(parts, WRITE);
			const answer = await this.#submit(place, position, flags);
			const count = this.taken(answer, parts);
			position += count;
			rest = withoutFirst(rest, count);
		}
	}

	/**
	 * Each group is one transfer: parts in one region of registered memory, as far as the kernel
	 * moves them together, or parts in none.
	 */
	#groupsOf(parts: readonly Uint8Array[]): Uint8Array[][] {
		const { memory } = this.#ring;
		const groups: Uint8Array[][] = [];
		let region: number | undefined;
		let end = 0;
		for (const part of parts) {
			if (part.length === 0) {
				continue;
			}
			const address = memory.addressOf(part);
			const its = memory.regionOf(address, part.length);
			const isTogether =
				its === undefined || memory.takesVectors || address === end;
			const group = groups.at(-1);
			if (group !== undefined && its === region && isTogether) {
				group.push(part);
			} else {
				groups.push([part]);
			}
			region = its;
			end = address + part.length;
		}
		return groups;
	}

	#placeOf(parts: readonly Uint8Array[], forms: Forms): Place {
		const { memory } = this.#ring;
		const [first = NO_BYTES] = parts;
		const address = memory.addressOf(first);
		const region = memory.regionOf(address, first.length);
		const isOne = parts.length === 1;
		if (isOne || (region !== undefined && this.#areNeighbours(parts))) {
			const opcode = region === undefined ? forms.plain : forms.fixed;
			const length = bytesOfOneCall(parts);
			return { opcode, address, length, region: region ?? 0, holds: parts };
		}
		const vectors = vectorsOf(
			parts.map((part) => ({
				address: memory.addressOf(part),
				length: part.length,
			})),
		);
		return {
			opcode: region === undefined ? forms.vectored : forms.fixedVectored,
			address: memory.addressOf(vectors),
			length: parts.length,
			region: region ?? 0,
			holds: [vectors, ...parts],
		};
	}

	/** Whether each part begins in memory where the one before ends. */
	#areNeighbours(parts: readonly Uint8Array[]): boolean {
		const { memory } = this.#ring;
		let end: number | undefined;
		return parts.every((part) => {
			const address = memory.addressOf(part);
			const isNext = end === undefined || address === end;
			end = address + part.length;
			return isNext;
		});
	}

	#submit(place: Place, offset: number, flags: number): Promise<number> {
		return this.#ring.submit({ ...place, file: this.#target, offset, flags });
	}
}

/**
 * Begins a transfer for each group, one after the other in the file. When all have ended, throws
 * the first failure in their order.
 */
async function eachAt<T>(
	groups: readonly (readonly Uint8Array[])[],
	offset: number,
	begin: (group: readonly Uint8Array[], position: number) => Promise<T>,
): Promise<T[]> {
	let position = offset;
	const begun = groups.map((group) => {
		const transfer = begin(group, position);
		position += lengthOf(group);
		return transfer;
	});
	if (begun.length > 1) {
		await Promise.allSettled(begun);
	}
	return Promise.all(begun);
}
