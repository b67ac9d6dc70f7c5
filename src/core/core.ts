import { Checksums } from "./checksums.ts";
import type { CoreExports } from "./exports.ts";
import { keepIdle, takeIdle } from "./idle-memories.ts";
import { ManifestCore } from "./manifest.ts";
import {
	beginCompiling,
	guarded,
	instantiateCore,
	instantiateNext,
	refuseCalls,
} from "./module.ts";
import { Pages } from "./pages.ts";
import { Records } from "./records.ts";
import { ResultBlock } from "./result.ts";

/**
 * The WebAssembly core over its linear memory, with a member for each room of assembly/: only there
 * do raw addresses become calls. Addresses, lengths and offsets are bytes. The calls are explained
 * where they are implemented, in assembly/, and the format's rules in docs/format.md. A call with
 * impossible arguments traps: ERR_CORE_TRAP, a bug in the caller or here.
 */
export class Core {
	/** The first byte that the core does not use itself. */
	readonly heapBase: number;
	readonly memoryBytes: number;
	readonly #exports: CoreExports;
	/** The core to give back; undefined afterwards. */
	#unguarded: CoreExports | undefined;
	/**
	 * The memory never grows once it is loaded, so its buffer stays the same. To ask for it each time
	 * takes longer.
	 */
	readonly #buffer: ArrayBuffer;
	/** A view that is kept: it never leaves this class. */
	readonly #whole: Uint8Array;
	/** CRC-32C and CRC-32. */
	readonly checksums: Checksums;
	/** The calls about a blob's header and its pages. */
	readonly pages: Pages;
	/** The calls about what journals write in pages. */
	readonly records: Records;
	/** The calls about a packed store's manifest. */
	readonly manifest: ManifestCore;

	private constructor(unguarded: CoreExports) {
		const exports = guarded(unguarded);
		this.#unguarded = unguarded;
		this.#exports = exports;
		this.#buffer = exports.memory.buffer;
		this.#whole = new Uint8Array(this.#buffer);
		const result = new ResultBlock(exports);
		this.checksums = new Checksums(exports);
		this.pages = new Pages(exports, result);
		this.records = new Records(exports, result);
		this.manifest = new ManifestCore(exports);
		this.heapBase = exports.heapBase() >>> 0;
		this.memoryBytes = this.#buffer.byteLength;
	}

	/** Begins what every first `load` takes, and takes no memory for it. */
	static prepare(): void {
		beginCompiling();
	}

	/**
	 * A core of its own, with a memory of `memoryBytes`, rounded up to 64 KiB, that never grows.
	 * Throws ERR_UNSUPPORTED where the engine has no WebAssembly with SIMD, ERR_MEMORY where it
	 * cannot give that much.
	 */
	static async load(memoryBytes: number): Promise<Core> {
		const idle = takeIdle(memoryBytes);
		return new Core(idle ?? (await instantiateCore(memoryBytes)));
	}

	/** As load, but at once: for a store that has a core already. */
	static next(memoryBytes: number): Core {
		return new Core(takeIdle(memoryBytes) ?? instantiateNext(memoryBytes));
	}

	/**
	 * Gives the memory back for another core: old views see nothing of its bytes, and every call of
	 * this core fails. Nothing was written at `end` or behind it. An engine reserves gigabytes of
	 * address space for each memory, and returns them only at a garbage collection. A program that
	 * opens and closes stores would run out of them.
	 */
	retire(end = this.memoryBytes): void {
		const unguarded = this.#unguarded;
		if (unguarded !== undefined) {
			this.#unguarded = undefined;
			refuseCalls(this.#exports);
			keepIdle(unguarded, end);
		}
	}

	/** A view, to be used at once and not kept. */
	bytes(address: number, length: number): Uint8Array<ArrayBuffer> {
		return new Uint8Array(this.#buffer, address, length);
	}

	/** Copies bytes in. For many small ones: a view for each would cost more than the copy. */
	write(address: number, bytes: Uint8Array): void {
		this.#whole.set(bytes, address);
	}

	/** Copies bytes from one place to another, which may overlap. */
	move(from: number, to: number, length: number): void {
		this.#whole.copyWithin(to, from, from + length);
	}
}
