import * as fs from "node:fs";
import { constants } from "node:os";
import koffi from "koffi";
import { bindLibc, type Libc } from "../../../hosts/node/libc.ts";

/** <fcntl.h> of macOS. */
export const F_PREALLOCATE = 42;
export const F_NOCACHE = 48;
export const F_FULLFSYNC = 51;
const F_PEOFPOSMODE = 3;

/** Of Linux: space behind a file's end, which stays in place. */
const FALLOC_FL_KEEP_SIZE = 1;

type CallName = "flock" | "fcntl" | "posix_fallocate" | "madvise";

/** A call by the code: for fcntl with its command, and its structure in hex if it had one. */
export interface Made {
	readonly call: CallName;
	readonly command?: number;
	readonly argument?: number | string;
}

/**
 * A C library that a test rules. A call without a rule is done to this system's files; calls of
 * macOS behave as its manual says.
 */
export class RuledLibc implements Libc {
	readonly made: Made[] = [];
	readonly #real = bindLibc(koffi);
	readonly #rule: (made: Made, nth: number) => string | undefined;

	/** `rule` returns the call's failure, or nothing; `nth` counts all calls from 1. */
	constructor(
		rule: (made: Made, nth: number) => string | undefined = () => undefined,
	) {
		this.#rule = rule;
	}

	readonly flock = (fd: number, operation: number): number =>
		this.#ruled({ call: "flock" }, () => this.#real.flock(fd, operation));

	readonly fcntl = (
		fd: number,
		command: number,
		argument: number | Uint8Array,
	): number => {
		const given =
			typeof argument === "number"
				? argument
				: Buffer.from(argument).toString("hex");
		return this.#ruled({ call: "fcntl", command, argument: given }, () =>
			typeof argument === "number" ? 0 : preallocated(fd, argument),
		);
	};

	readonly fcntlAlone = (fd: number, command: number): number =>
		this.#ruled({ call: "fcntl", command }, () => {
			fs.fsyncSync(fd);
			return 0;
		});

	readonly fcntlInThread = async (
		fd: number,
		command: number,
	): Promise<number> => this.fcntlAlone(fd, command);

	readonly fallocate = async (fd: number, size: number): Promise<number> => {
		const refusal = this.#refusal({ call: "posix_fallocate" });
		return refusal ?? this.#real.fallocate(fd, size);
	};

	readonly madvise = (memory: Uint8Array, advice: number): number =>
		this.#ruled({ call: "madvise", command: advice }, () =>
			this.#real.madvise(memory, advice),
		);

	readonly clearNonBlocking = (fd: number): number =>
		this.#real.clearNonBlocking(fd);

	#ruled(made: Made, call: () => number): number {
		return this.#refusal(made) ?? call();
	}

	#refusal(made: Made): number | undefined {
		this.made.push(made);
		const name = this.#rule(made, this.made.length);
		return name === undefined ? undefined : errnoOf(name);
	}
}

/** Behaves as F_PREALLOCATE: space behind the last byte. Refuses what macOS refuses. */
function preallocated(fd: number, argument: Uint8Array): number {
	const view = new DataView(argument.buffer);
	const posmode = view.getInt32(4, true);
	const offset = view.getBigInt64(8, true);
	const length = view.getBigInt64(16, true);
	if (posmode !== F_PEOFPOSMODE || offset !== 0n || length <= 0n) {
		return errnoOf("EINVAL");
	}
	const fallocate = koffi
		.load(null)
		.func("int fallocate(int, int, int64_t, int64_t)");
	const { size } = fs.fstatSync(fd);
	if (fallocate(fd, FALLOC_FL_KEEP_SIZE, size, length) !== 0) {
		return koffi.errno();
	}
	view.setBigInt64(24, length, true);
	return 0;
}

function errnoOf(name: string): number {
	const errno: unknown = Reflect.get(constants.errno, name);
	if (typeof errno !== "number") {
		throw new TypeError(`no such errno here: ${name}`);
	}
	return errno;
}
