/**
 * The results that a platform reports are checked here. A count that no such call can have is a
 * failure, and is never added to anything. The errors look like a disk's, so the code above a host
 * meets no other kind.
 */

/** How many of `asked` bytes a read found. */
export function countRead(answer: number, asked: number): number {
	if (!isCount(answer, asked)) {
		throw failure("EIO", `a read of ${asked} bytes found ${answer}`);
	}
	return answer;
}

/**
 * How many of `asked` bytes a write took, in whole blocks of `alignment`: the caller writes the
 * rest next. A write that took none found no room, whatever else the platform reports: on a full
 * disk Firefox reports 0, Chrome 4294967288.
 */
export function countWritten(
	answer: number,
	asked: number,
	alignment = 1,
): number {
	const count = isCount(answer, asked) ? answer : 0;
	const whole = count === asked ? count : count - (count % alignment);
	if (whole === 0) {
		throw noRoom(`of ${asked} bytes a write took ${answer} bytes`);
	}
	return whole;
}

/** A file's size in bytes. */
export function fileSize(answer: number): number {
	if (!isCount(answer, Number.MAX_SAFE_INTEGER)) {
		throw failure("EIO", `a file is ${answer} bytes long`);
	}
	return answer;
}

/** The error of a full disk, for a platform that has none. */
export function noRoom(what: string): Error {
	return failure("ENOSPC", what);
}

/** An error for a platform that reports success but shows a failure. */
export function failure(code: string, what: string): Error {
	return Object.assign(new Error(`${code}: ${what}`), { code });
}

function isCount(answer: number, most: number): boolean {
	return Number.isInteger(answer) && answer >= 0 && answer <= most;
}
