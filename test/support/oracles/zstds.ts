import { zstdOfZlib } from "../../../hosts/posix/zlib.ts";
import { LibraryZstd } from "../../../src/compression/library.ts";
import type { Zstd } from "../../../src/host/zstd.ts";

const own = zstdOfZlib();

/** Each zstd that the running Node has, by name: the library, and from 22.15 on its own. */
export const ZSTDS: readonly (readonly [string, Zstd])[] = [
	["the library", await LibraryZstd.load()],
	...(own === undefined ? [] : [["node:zlib", own] as const]),
];
