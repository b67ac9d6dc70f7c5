import { arch } from "node:process";
import { platformCalls } from "../../posix/platform.ts";
import { errnoOf, type Libc, libc } from "../libc.ts";
import { ENTER_GETEVENTS } from "./abi.ts";
import { giveBackLeftRings, type Mapped, RingRecord } from "./ring-records.ts";

/**
 * The system calls of io_uring. A failed call returns -errno, as the kernel itself does, and never
 * throws. A test puts its own kernel here, for cases that a real one seldom shows.
 */
export interface RingKernel {
	/** io_uring_setup(2): returns a descriptor, and fills in the parameters. */
	setup(entries: number, parameters: Uint8Array): number;
	/** Maps memory that the process shares with the kernel; undefined where the system refuses. */
	map(ring: number, offset: number, length: number): Mapping | undefined;
	/**
	 * io_uring_enter(2): submits `submit` entries, and waits for `complete` completions; returns how
	 * many entries it took.
	 */
	enter(ring: number, submit: number, complete: number): number;
	/** As enter, in a thread; undefined where none is free. */
	enterInThread(
		ring: number,
		submit: number,
		complete: number,
	): Promise<number | undefined>;
	/** io_uring_register(2). */
	register(
		ring: number,
		opcode: number,
		argument: Uint8Array,
		count: number,
	): number;
	close(ring: number): void;
	/** Where a buffer begins. It stays there for as long as it lives. */
	addressOf(buffer: ArrayBufferLike): number;
}

export interface Mapping {
	readonly memory: ArrayBuffer;
	/** The memory must not be used from then on. */
	unmap(): void;
}

/** The same numbers on every architecture since they were added. */
const SYSCALL = { setup: 425, enter: 426, register: 427 } as const;
/** memfd_create(2), on each supported architecture. */
const MEMFD_CREATE: Readonly<Record<string, number>> = { x64: 319, arm64: 279 };
const MFD_CLOEXEC = 1;

const PROT_READ_WRITE = 3;
const MAP_SHARED_POPULATE = 0x8001;

let loaded: Promise<RingKernel | undefined> | undefined;

/** Undefined where the platform has no io_uring, or koffi does not load. */
export function systemKernel(): Promise<RingKernel | undefined> {
	loaded ??= load();
	return loaded;
}

async function load(): Promise<RingKernel | undefined> {
	if (platformCalls().ring === "none" || !(arch in MEMFD_CREATE)) {
		return undefined;
	}
	try {
		const { default: koffi } = await import("koffi");
		return bind(koffi, await libc());
	} catch {
		// Then no store is locked either, for that reason; one that only reads goes on by calls.
		return undefined;
	}
}

function bind(
	koffi: typeof import("koffi")["default"],
	{ flock }: Libc,
): RingKernel {
	const library = koffi.load(null);
	const withPointer = library.func(
		"long syscall(long, long, long, void *, long, long, long)",
	);
	const withNumbers = library.func(
		"long syscall(long, long, long, long, long, long, long)",
	);
	const orErrno = (answer: number) =>
		answer < 0 ? -errnoOf(koffi.errno()) : answer;
	return {
		...bindTaking(koffi, flock),
		enter: (ring, submit, complete) => {
			const flags = complete > 0 ? ENTER_GETEVENTS : 0;
			return orErrno(
				withNumbers(SYSCALL.enter, ring, submit, complete, flags, 0, 0),
			);
		},
		enterInThread: (ring, submit, complete) =>
			new Promise((resolve) => {
				const flags = complete > 0 ? ENTER_GETEVENTS : 0;
				try {
					withNumbers.async(
						SYSCALL.enter,
						ring,
						submit,
						complete,
						flags,
						0,
						0,
						// The errno is this call's until the next one is made.
						(error: unknown, answer: number) =>
							resolve(error === null ? orErrno(answer) : undefined),
					);
				} catch {
					// koffi makes 256 calls at once in the whole process, and throws at more.
					resolve(undefined);
				}
			}),
		register: (ring, opcode, argument, count) =>
			orErrno(
				withPointer(SYSCALL.register, ring, opcode, argument, count, 0, 0),
			),
		addressOf: (buffer) => Number(koffi.address(buffer)),
	};
}

/**
 * Calls that take or release resources of the process: recorded, for the thread may end before the
 * release.
 */
function bindTaking(
	koffi: typeof import("koffi")["default"],
	flock: Libc["flock"],
): Pick<RingKernel, "setup" | "map" | "close"> {
	const library = koffi.load(null);
	const setup = library.func("long syscall(long, long, void *)");
	const memfd = library.func("long syscall(long, const char *, long)");
	const mmap = library.func("void *mmap(void *, size_t, int, int, int, int64)");
	const munmap = library.func("int munmap(void *, size_t)");
	const close = library.func("int close(int)");
	const calls = {
		flock,
		close,
		memoryFile: (name: string) => memfd(MEMFD_CREATE[arch], name, MFD_CLOEXEC),
		unmap: ({ address, length }: Mapped) => munmap(address, length),
	};
	// A terminated worker runs nothing more, but the thread that started it hears of it.
	process.on("worker", (worker) => {
		worker.once("exit", () => {
			try {
				giveBackLeftRings(calls);
			} catch {
				// The next call for a ring looks again, and reports it.
			}
		});
	});
	const records = new Map<number, RingRecord>();
	return {
		setup: (entries, parameters) => {
			giveBackLeftRings(calls);
			const record = RingRecord.make(calls);
			const ring = setup(SYSCALL.setup, entries, parameters);
			const answer = ring < 0 ? -errnoOf(koffi.errno()) : ring;
			if (record !== undefined && ring >= 0) {
				record.takeRing(ring);
				records.set(ring, record);
			} else {
				record?.remove();
			}
			return answer;
		},
		map: (ring, offset, length) => {
			const pointer = mmap(
				null,
				length,
				PROT_READ_WRITE,
				MAP_SHARED_POPULATE,
				ring,
				offset,
			);
			const address = koffi.address(pointer);
			if (BigInt.asIntN(64, address) <= 0n) {
				return undefined;
			}
			const mapped = { address, length };
			records.get(ring)?.takeMapping(mapped);
			const unmap = () => {
				records.get(ring)?.dropMapping(mapped);
				munmap(pointer, length);
			};
			return { memory: koffi.view(pointer, length), unmap };
		},
		close: (ring) => {
			records.get(ring)?.remove();
			records.delete(ring);
			close(ring);
		},
	};
}
