/**
 * What a platform says that a call came to is checked where it comes in: a count that no such call
 * can have is a failure, and is never added to anything. The errors are as a disk gives them, so
 * that what stands on a host meets no other kind.
 */

/** Of `asked` bytes, how many a read found. */
export function countRead(answer: number, asked: number): number {
	if (!isCount(answer, asked)) {
		throw failure("EIO", `a read of ${asked} bytes found ${answer}`);
	}
	return answer;
}

/**
 * Of `asked` bytes, how many a write took, as whole blocks of `alignment`: the rest goes on behind
 * them. A write that took none found no room, whatever else the platform answers: Firefox says 0 of
 * a full disk, Chrome 4294967288.
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

/** For a platform that gives no such error itself. */
export function noRoom(what: string): Error {
	return failure("ENOSPC", what);
}

/** For a platform that says that all went well, and shows that it did not. */
export function failure(code: string, what: string): Error {
	return Object.assign(new Error(`${code}: ${what}`), { code });
}

function isCount(answer: number, most: number): boolean {
	return Number.isInteger(answer) && answer >= 0 && answer <= most;
}
