import {
	countRead,
	countWritten,
	failure,
	fileSize,
	noRoom,
} from "../../src/host/answers.ts";
import { COPY_BYTES } from "../../src/host/read-sizes.ts";
import { endingAtOnce, endingWith } from "../../src/turns/endings.ts";
import { type AccessHandle, type FileHandle, onceFree } from "./platform.ts";

/** Both files must be closed. */
export async function copyFile(
	from: FileHandle,
	to: FileHandle,
): Promise<void> {
	const source = await accessTo(from);
	const copy = async () => {
		const target = await accessTo(to);
		endingAtOnce(
			() => copyAll(source, target),
			() => target.close(),
		);
	};
	await endingWith(copy, () => source.close());
}

export function accessTo(file: FileHandle): Promise<AccessHandle> {
	return onceFree(() => file.createSyncAccessHandle());
}

function copyAll(source: AccessHandle, target: AccessHandle): void {
	const bytes = new Uint8Array(COPY_BYTES);
	const size = sizeOf(source);
	for (let at = 0; at < size; at += COPY_BYTES) {
		const piece = bytes.subarray(0, Math.min(COPY_BYTES, size - at));
		if (readAll(source, [piece], at) < piece.length) {
			throw failure("EIO", `a file of ${size} bytes ends before`);
		}
		writeAll(target, [piece], at);
	}
}

export function sizeOf(access: AccessHandle): number {
	return fileSize(access.getSize());
}

/** Cuts, or extends with zeros. */
export function resize(access: AccessHandle, size: number): void {
	const before = sizeOf(access);
	if (before === size) {
		return;
	}
	access.truncate(size);
	const found = sizeOf(access);
	if (found !== size) {
		const what = `a file that was to have ${size} bytes has ${found}`;
		throw size > before ? noRoom(what) : failure("EIO", what);
	}
}

/** Fills the targets, one after the other; returns how many bytes it read. */
export function readAll(
	access: AccessHandle,
	targets: readonly Uint8Array[],
	offset: number,
): number {
	let at = offset;
	for (const target of targets) {
		const filled = fill(access, target, at);
		at += filled;
		if (filled < target.length) {
			break;
		}
	}
	return at - offset;
}

function fill(
	access: AccessHandle,
	target: Uint8Array,
	offset: number,
): number {
	let filled = 0;
	while (filled < target.length) {
		const rest = target.subarray(filled);
		const answer = access.read(rest, { at: offset + filled });
		const count = countRead(answer, rest.length);
		if (count === 0) {
			break;
		}
		filled += count;
	}
	return filled;
}

export function writeAll(
	access: AccessHandle,
	parts: readonly Uint8Array[],
	offset: number,
): void {
	let at = offset;
	for (const part of parts) {
		for (let written = 0; written < part.length; ) {
			const rest = part.subarray(written);
			const count = countWritten(access.write(rest, { at }), rest.length);
			written += count;
			at += count;
		}
	}
}
