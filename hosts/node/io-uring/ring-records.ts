import {
	closeSync,
	constants,
	ftruncateSync,
	openSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	writeSync,
} from "node:fs";
import { endingAtOnce } from "../../../src/turns/endings.ts";
import { LOCK_EX, LOCK_NB } from "../flock.ts";
import type { Libc } from "../libc.ts";

/** System calls for things that Node does not know of. */
export interface RecordCalls extends Pick<Libc, "flock"> {
	/** memfd_create(2): a descriptor, or a negative number. */
	memoryFile(name: string): number;
	unmap(region: Mapped): void;
	close(fd: number): void;
}

/** A mapping of memory. */
export interface Mapped {
	readonly address: bigint;
	readonly length: number;
}

interface Taken {
	/** The record's own descriptor, which Node does not know of. */
	readonly record: number;
	readonly ring: number;
	readonly mapped: readonly Mapped[];
}

/** Written in one call: a thread may end between two. */
const RECORD_SIZE = 256;
const NAME = "dualslot-ring";
const LINK = `/memfd:${NAME} (deleted)`;
const DESCRIPTORS = "/proc/self/fd";

/**
 * A record of a ring's resources that Node does not know of, where every thread of the process
 * finds it. A worker can be ended between any two calls, and none of its code runs then; but Node
 * closes the descriptors that it had opened.
 *
 *    a file in memory          its descriptor is the process's, and it says what the ring has taken
 *    └ another descriptor      Node's, and locked: free once the ring's own thread has ended
 */
export class RingRecord {
	readonly #calls: RecordCalls;
	readonly #record: number;
	readonly #life: number;
	#ring = -1;
	#mapped: readonly Mapped[] = [];

	private constructor(calls: RecordCalls, record: number) {
		this.#calls = calls;
		this.#record = record;
		this.#life = openSync(pathOf(record), constants.O_RDWR);
		// It only waits for a thread that checks whether the lock is free.
		calls.flock(this.#life, LOCK_EX);
	}

	/**
	 * Undefined where the system has no such file, or no /proc: then an ended worker leaves its ring.
	 */
	static make(calls: RecordCalls): RingRecord | undefined {
		const record = calls.memoryFile(NAME);
		try {
			return record < 0 ? undefined : new RingRecord(calls, record);
		} catch {
			calls.close(record);
			return undefined;
		}
	}

	takeRing(ring: number): void {
		this.#ring = ring;
		this.#write();
	}

	takeMapping(mapped: Mapped): void {
		this.#mapped = [...this.#mapped, mapped];
		this.#write();
	}

	/** Before unmapping: later that memory may be somebody else's. */
	dropMapping(mapped: Mapped): void {
		this.#mapped = this.#mapped.filter((one) => one !== mapped);
		this.#write();
	}

	/** Before the ring is closed: its number may be somebody else's later. */
	remove(): void {
		ftruncateSync(this.#life, 0);
		this.#calls.close(this.#record);
		closeSync(this.#life);
	}

	#write(): void {
		const mapped = this.#mapped.map(({ address, length }) => [
			String(address),
			length,
		]);
		const text = JSON.stringify([this.#record, this.#ring, mapped]);
		writeSync(this.#life, text.padEnd(RECORD_SIZE), 0);
	}
}

/** Releases the resources of rings whose threads have ended. */
export function giveBackLeftRings(calls: RecordCalls): void {
	const names = unlessGone(() => readdirSync(DESCRIPTORS)) ?? [];
	for (const path of names.map(pathOf).filter(isRecord)) {
		const flags = constants.O_RDWR | constants.O_NONBLOCK;
		const fd = unlessGone(() => openSync(path, flags));
		if (fd !== undefined) {
			giveBackIfLeft(fd, calls);
		}
	}
}

/** Closes `fd`, the record's descriptor. */
function giveBackIfLeft(fd: number, calls: RecordCalls): void {
	const giveBack = () => {
		// Another file may have got the number since the check.
		const isLeft =
			isRecord(pathOf(fd)) && calls.flock(fd, LOCK_EX | LOCK_NB) === 0;
		const taken = isLeft ? parse(readFileSync(fd, "utf8")) : undefined;
		if (taken !== undefined) {
			ftruncateSync(fd, 0);
			taken.mapped.forEach(calls.unmap);
			calls.close(taken.ring);
			calls.close(taken.record);
		}
	};
	endingAtOnce(giveBack, () => closeSync(fd));
}

/** Undefined where nothing is taken yet, or any more. */
function parse(text: string): Taken | undefined {
	if (text === "") {
		return undefined;
	}
	const [record, ring, mapped]: [number, number, [string, number][]] =
		JSON.parse(text);
	return {
		record,
		ring,
		mapped: mapped.map(([address, length]) => ({
			address: BigInt(address),
			length,
		})),
	};
}

function isRecord(path: string): boolean {
	return unlessGone(() => readlinkSync(path)) === LINK;
}

/** Undefined when it throws: other threads' descriptors come and go. */
function unlessGone<T>(look: () => T): T | undefined {
	try {
		return look();
	} catch {
		return undefined;
	}
}

function pathOf(fd: number | string): string {
	return `${DESCRIPTORS}/${fd}`;
}
