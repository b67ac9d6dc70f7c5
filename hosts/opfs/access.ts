import { type AccessHandle, type FileHandle, onceFree } from "./platform.ts";

const COPY_BYTES = 1024 * 1024;

/** Both must be closed. */
export async function copyFile(
	from: FileHandle,
	to: FileHandle,
): Promise<void> {
	const source = await accessTo(from);
	try {
		const target = await accessTo(to);
		try {
			copyAll(source, target);
		} finally {
			target.close();
		}
	} finally {
		source.close();
	}
}

export function accessTo(file: FileHandle): Promise<AccessHandle> {
	return onceFree(() => file.createSyncAccessHandle());
}

function copyAll(source: AccessHandle, target: AccessHandle): void {
	const bytes = new Uint8Array(COPY_BYTES);
	const size = source.getSize();
	for (let at = 0; at < size; at += COPY_BYTES) {
		const count = readAll(source, bytes, at);
		writeAll(target, [bytes.subarray(0, count)], at);
	}
}

/** Answers how many bytes there were. */
export function readAll(
	access: AccessHandle,
	target: Uint8Array,
	offset: number,
): number {
	let filled = 0;
	while (filled < target.length) {
		const rest = target.subarray(filled);
		const count = access.read(rest, { at: offset + filled });
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
			const count = access.write(part.subarray(written), { at });
			if (count === 0) {
				throw new Error(`a write at ${at} took no byte`);
			}
			written += count;
			at += count;
		}
	}
}
