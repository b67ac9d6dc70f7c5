import { fstatSync, ftruncateSync } from "node:fs";
import type { PlatformCalls } from "../posix/platform.ts";
import type { PosixCalls } from "../posix/posix-file.ts";
import { isMissing, untilMade } from "./fallbacks.ts";
import { type Libc, systemError } from "./libc.ts";

type Allocate = NonNullable<PosixCalls["allocate"]>;

/** <fcntl.h> of macOS. */
const F_PREALLOCATE = 42;
const F_ALLOCATECONTIG = 2;
const F_ALLOCATEALL = 4;
const F_PEOFPOSMODE = 3;

/**
 * fstore_t, in the order of bytes that every Mac with a Node has:
 *
 *    0               4                 8                12
 *    | fst_flags u32 | fst_posmode i32 | fst_offset i64 …
 *    16                24                   32
 *    | fst_length i64  | fst_bytesalloc i64 |
 */
const FSTORE = { bytes: 32, flags: 0, posmode: 4, length: 16, allocated: 24 };

/** The unit of `blocks` in a file's status. */
const BLOCK = 512;

/**
 * Allocates disk space for the first bytes of a file, and extends it by them. Returns false where
 * that is not supported, throws above all ENOSPC.
 */
export function allocateBy(
	room: PlatformCalls["room"],
	libc: () => Promise<Libc>,
): Allocate {
	switch (room) {
		case "posix_fallocate":
			return async (fd, size) => fallocate(await libc(), fd, size);
		case "F_PREALLOCATE":
			return async (fd, size) => preallocate(await libc(), fd, size);
		case "none":
			return () => false;
	}
}

async function fallocate(calls: Libc, fd: number, size: number) {
	const errno = await untilMade(() => calls.fallocate(fd, size));
	return isMadeRoom(errno, `posix_fallocate of ${size} bytes`);
}

/** Holes within the file stay holes: the call only reaches behind its end. */
function preallocate(calls: Libc, fd: number, size: number): boolean {
	const found = fstatSync(fd);
	if (found.blocks * BLOCK < Math.min(found.size, size)) {
		return false;
	}
	const missing = size - found.size;
	if (missing <= 0) {
		return true;
	}
	const isRoom = isReserved(calls, fd, missing);
	if (isRoom) {
		ftruncateSync(fd, size);
	}
	return isRoom;
}

/** In one contiguous piece if possible. The call writes no bytes, so it takes no thread. */
function isReserved(calls: Libc, fd: number, length: number): boolean {
	const inOnePiece = fstore(F_ALLOCATECONTIG | F_ALLOCATEALL, length);
	if (calls.fcntl(fd, F_PREALLOCATE, inOnePiece) === 0) {
		return allocatedOf(inOnePiece) >= length;
	}
	const inPieces = fstore(F_ALLOCATEALL, length);
	const errno = calls.fcntl(fd, F_PREALLOCATE, inPieces);
	const isMade = isMadeRoom(errno, `F_PREALLOCATE of ${length} bytes`);
	return isMade && allocatedOf(inPieces) >= length;
}

function isMadeRoom(errno: number, what: string): boolean {
	if (errno !== 0 && !isMissing(errno)) {
		throw systemError(errno, what);
	}
	return errno === 0;
}

function fstore(flags: number, length: number): Uint8Array {
	const bytes = new Uint8Array(FSTORE.bytes);
	const view = new DataView(bytes.buffer);
	view.setUint32(FSTORE.flags, flags, true);
	view.setInt32(FSTORE.posmode, F_PEOFPOSMODE, true);
	view.setBigInt64(FSTORE.length, BigInt(length), true);
	return bytes;
}

function allocatedOf({ buffer }: Uint8Array): number {
	return Number(new DataView(buffer).getBigInt64(FSTORE.allocated, true));
}
