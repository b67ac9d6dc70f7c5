import { constants } from "node:os";
import {
	COMPLETION_SIZE,
	ENTRIES_MAPPING,
	FEATURE_NODROP,
	FEATURE_RW_CUR_POS,
	FEATURE_SINGLE_MMAP,
	FIXED_FILE,
	OPCODE,
	PROBE_SIZE,
	PROBED_FLAGS,
	PROBED_SIZE,
	PROBED_SUPPORTED,
	REGISTER,
	SUBMISSION_SIZE,
	VECTOR_SIZE,
} from "../../../hosts/node/io-uring/abi.ts";
import type {
	Mapping,
	RingKernel,
} from "../../../hosts/node/io-uring/kernel.ts";

/** A submission entry, as a kernel reads it. */
export interface Entry {
	readonly opcode: number;
	readonly isFixedFile: boolean;
	readonly file: number;
	readonly offset: number;
	readonly address: number;
	readonly length: number;
	readonly flags: number;
	readonly ticket: readonly [slot: number, use: number];
	readonly region: number;
}

/** A test's decisions. By default a kernel's best case happens: at once, whole, in order. */
export interface Script {
	/** The failure of setup, and the features that it claims. */
	setupError?: number;
	features?: number;
	refusesMapping?: boolean;
	/** The failure of registering with an opcode of REGISTER. */
	registerError?: (opcode: number) => number | undefined;
	/** enter's result, before it does anything. */
	enterError?: () => number | undefined;
	/** Whether it can move many pieces of fixed memory at once. */
	takesFixedVectors?: boolean;
	/** Whether no thread is free to wait in. */
	hasNoThread?: () => boolean;
	/** How many of the submitted entries it takes. */
	takes?: (handed: number) => number;
	/** The operation in flight that completes next; undefined for none until the next call. */
	next?: (inFlight: readonly Entry[]) => Entry | undefined;
	/**
	 * The result of a completion: how much of `length` it moves, or -errno. An error moves nothing.
	 */
	result?: (entry: Entry, length: number) => number;
}

const FD = 1000;
const PAGE = 4096;
const NOTHING = new ArrayBuffer(0);
const RING_WORDS = 16;
const FEATURES = FEATURE_SINGLE_MMAP | FEATURE_NODROP | FEATURE_RW_CUR_POS;
const READS: ReadonlySet<number> = new Set([
	...[OPCODE.read, OPCODE.readFixed, OPCODE.readv, OPCODE.readvFixed],
]);
const FIXED: ReadonlySet<number> = new Set([
	...[OPCODE.readFixed, OPCODE.readvFixed],
	...[OPCODE.writeFixed, OPCODE.writevFixed],
]);
const VECTORED: ReadonlySet<number> = new Set([
	...[OPCODE.readv, OPCODE.readvFixed],
	...[OPCODE.writev, OPCODE.writevFixed],
]);
const { EBADF, EFAULT } = constants.errno;

/** One file, and rings that a script rules: a real kernel shows such cases too seldom. */
export class ScriptedKernel implements RingKernel {
	/** The file's bytes, and its durable bytes. */
	readonly file: Uint8Array;
	size = 0;
	readonly script: Script;
	/** All entries that were taken, in order. */
	readonly taken: Entry[] = [];
	readonly inFlight: Entry[] = [];
	enters = 0;
	rings = 0;
	closed = 0;
	unmapped = 0;
	#queues = new ArrayBuffer(0);
	#entries = new ArrayBuffer(0);
	#submissions = 0;
	#completions = 0;
	/** By each page of their addresses. */
	readonly #buffers = new Map<number, ArrayBufferLike>();
	readonly #bases = new Map<ArrayBufferLike, number>();
	#nextBase = PAGE;
	#regions: [address: number, length: number][] = [];
	readonly #files = new Map<number, number>();

	constructor(script: Script = {}, capacity = PAGE) {
		this.script = script;
		this.file = new Uint8Array(capacity);
	}

	setup(entries: number, parameters: Uint8Array): number {
		if (this.script.setupError !== undefined) {
			return -this.script.setupError;
		}
		this.#submissions = entries;
		this.#completions = entries * 2;
		const array = RING_WORDS * 4;
		const completions = array + entries * 4;
		this.#queues = new ArrayBuffer(
			completions + this.#completions * COMPLETION_SIZE,
		);
		this.#entries = new ArrayBuffer(entries * SUBMISSION_SIZE);
		this.#words.set([0, 0, entries - 1, 0, 0, 0, this.#completions - 1]);
		const view = new DataView(parameters.buffer, parameters.byteOffset);
		const { features = FEATURES } = this.script;
		const fields = new Map([
			...([
				[0, entries],
				[4, this.#completions],
				[20, features],
			] as const),
			...([
				[40, 0],
				[44, 4],
				[48, 8],
				[64, array],
			] as const),
			...([
				[80, 16],
				[84, 20],
				[88, 24],
				[100, completions],
			] as const),
		]);
		for (const [at, value] of fields) {
			view.setUint32(at, value, true);
		}
		this.rings += 1;
		return FD + this.rings;
	}

	map(_: number, offset: number): Mapping | undefined {
		if (this.script.refusesMapping) {
			return undefined;
		}
		const isEntries = offset === ENTRIES_MAPPING;
		return {
			memory: isEntries ? this.#entries : this.#queues,
			unmap: () => {
				this.unmapped += 1;
			},
		};
	}

	enter(_: number, submit: number): number {
		this.enters += 1;
		const error = this.script.enterError?.();
		if (error !== undefined) {
			return -error;
		}
		const handed = Math.min(submit, this.#pending);
		const count = this.script.takes?.(handed) ?? handed;
		for (let taken = 0; taken < count; taken += 1) {
			this.#take();
		}
		this.#completeSome();
		return count;
	}

	async enterInThread(
		ring: number,
		submit: number,
	): Promise<number | undefined> {
		await new Promise((resolve) => setImmediate(resolve));
		if (this.script.hasNoThread?.()) {
			return undefined;
		}
		const answer = this.enter(ring, submit);
		// While no completion waits to be taken.
		while (answer >= 0 && this.#isEmpty) {
			await new Promise((resolve) => setImmediate(resolve));
			this.#completeSome();
		}
		return answer;
	}

	register(
		_: number,
		opcode: number,
		argument: Uint8Array,
		count: number,
	): number {
		const error = this.script.registerError?.(opcode);
		if (error !== undefined) {
			return -error;
		}
		const view = new DataView(argument.buffer, argument.byteOffset);
		const number = (at: number) => Number(view.getBigUint64(at, true));
		if (opcode === REGISTER.buffers) {
			this.#regions = Array.from({ length: count }, (_, index) => [
				number(index * 16),
				number(index * 16 + 8),
			]);
		} else if (opcode === REGISTER.probe) {
			for (const probed of this.script.takesFixedVectors ? FIXED : []) {
				argument[PROBE_SIZE + probed * PROBED_SIZE + PROBED_FLAGS] =
					PROBED_SUPPORTED;
			}
		} else if (opcode === REGISTER.filesUpdate) {
			const fd = this.#bytesAt(number(8), 4);
			const { buffer, byteOffset } = fd ?? new Uint8Array(4);
			this.#files.set(
				view.getUint32(0, true),
				new DataView(buffer, byteOffset).getInt32(0, true),
			);
		}
		return count;
	}

	close(): void {
		this.closed += 1;
	}

	addressOf(buffer: ArrayBufferLike): number {
		const known = this.#bases.get(buffer);
		if (known !== undefined) {
			return known;
		}
		const base = this.#nextBase;
		this.#bases.set(buffer, base);
		for (let at = 0; at <= buffer.byteLength; at += PAGE) {
			this.#buffers.set((base + at) / PAGE, buffer);
			this.#nextBase += PAGE;
		}
		return base;
	}

	/** Posts a completion, perhaps of nothing that was submitted. */
	post([slot, use]: Entry["ticket"], result: number): void {
		const words = this.#words;
		const tail = words[5] ?? 0;
		const base = RING_WORDS + this.#submissions;
		const at = base + ((tail & (this.#completions - 1)) * COMPLETION_SIZE) / 4;
		words.set([slot, use, result, 0], at);
		words[5] = (tail + 1) | 0;
	}

	get #words(): Int32Array {
		return new Int32Array(this.#queues);
	}

	get #isEmpty(): boolean {
		const [, , , , head, tail] = this.#words;
		return head === tail;
	}

	get #pending(): number {
		const [head = 0, tail = 0] = this.#words;
		return (tail - head) >>> 0;
	}

	#take(): void {
		const words = this.#words;
		const head = words[0] ?? 0;
		const index = words[RING_WORDS + (head & (this.#submissions - 1))] ?? 0;
		const view = new DataView(this.#entries, index * SUBMISSION_SIZE);
		const number = (at: number) => Number(view.getBigUint64(at, true));
		const entry = {
			opcode: view.getUint8(0),
			isFixedFile: (view.getUint8(1) & FIXED_FILE) !== 0,
			file: view.getInt32(4, true),
			...{ offset: number(8), address: number(16) },
			length: view.getUint32(24, true),
			flags: view.getUint32(28, true),
			ticket: [view.getUint32(32, true), view.getUint32(36, true)] as const,
			region: view.getUint16(40, true),
		};
		words[0] = (head + 1) | 0;
		this.taken.push(entry);
		this.inFlight.push(entry);
	}

	#completeSome(): void {
		const choose = this.script.next ?? (([first]) => first);
		for (
			let entry = choose(this.inFlight);
			entry !== undefined;
			entry = choose(this.inFlight)
		) {
			this.inFlight.splice(this.inFlight.indexOf(entry), 1);
			this.post(entry.ticket, this.#done(entry));
		}
	}

	#done(entry: Entry): number {
		const target = entry.isFixedFile ? this.#files.get(entry.file) : entry.file;
		if (target === undefined || target < 0) {
			return -EBADF;
		}
		if (entry.opcode === OPCODE.fsync) {
			return this.script.result?.(entry, 0) ?? 0;
		}
		const memory = this.#memoryOf(entry);
		if (memory === undefined) {
			return -EFAULT;
		}
		const isRead = READS.has(entry.opcode);
		const most = memory.reduce((sum, part) => sum + part.length, 0);
		const there = isRead
			? Math.max(0, Math.min(most, this.size - entry.offset))
			: most;
		const result = this.script.result?.(entry, there) ?? there;
		let left = result;
		let at = entry.offset;
		for (const part of memory) {
			const now = part.subarray(0, Math.max(0, Math.min(left, part.length)));
			if (isRead) {
				now.set(this.file.subarray(at, at + now.length));
			} else {
				this.file.set(now, at);
			}
			at += now.length;
			left -= now.length;
		}
		this.size = isRead ? this.size : Math.max(this.size, at);
		return result;
	}

	#memoryOf(entry: Entry): Uint8Array[] | undefined {
		const { opcode, address, length, region } = entry;
		const ranges = VECTORED.has(opcode)
			? this.#vectorsAt(address, length)
			: [{ address, length }];
		const [start = 0, size = 0] = this.#regions[region] ?? [];
		const isWithin = ranges.every(
			(range) =>
				range.address >= start && range.address + range.length <= start + size,
		);
		const memory = ranges
			.map((range) => this.#bytesAt(range.address, range.length))
			.filter((bytes) => bytes !== undefined);
		return memory.length === ranges.length && (isWithin || !FIXED.has(opcode))
			? memory
			: undefined;
	}

	#vectorsAt(
		address: number,
		count: number,
	): { address: number; length: number }[] {
		const { buffer, byteOffset } =
			this.#bytesAt(address, count * VECTOR_SIZE) ?? new Uint8Array();
		const view = new DataView(buffer, byteOffset);
		const number = (at: number) => Number(view.getBigUint64(at, true));
		return Array.from({ length: count }, (_, index) => ({
			address: number(index * VECTOR_SIZE),
			length: number(index * VECTOR_SIZE + 8),
		}));
	}

	#bytesAt(address: number, length: number): Uint8Array | undefined {
		const buffer = this.#buffers.get(Math.floor(address / PAGE));
		const at = address - (this.#bases.get(buffer ?? NOTHING) ?? 0);
		return buffer && at + length <= buffer.byteLength
			? new Uint8Array(buffer, at, length)
			: undefined;
	}
}
