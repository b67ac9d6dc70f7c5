import { statfsSync } from "node:fs";
import type { HostCapabilities } from "../../src/host/host.ts";

/** <linux/magic.h>: ext2, ext3 and ext4 have the same. */
const EXT4_MAGIC = 0xef53;

/** What the first zeros of a file cost is won back in about as many synced appends. */
const GROWTHS = 8;

/**
 * As `zerosAfter` of a host's capabilities, for the file system of a directory. Measured on ext4: a
 * synced append of 256 bytes takes 187 µs, and 134 over zeros that are there; one of 16 KiB 363 and
 * 190. File systems that never write in place, as btrfs and ZFS, gain nothing, nor does tmpfs; no
 * other was measured. Undefined while there is no such directory, or its file system is not to be
 * known.
 */
export function zerosAfterIn(
	directory: string,
): HostCapabilities["zerosAfter"] {
	try {
		return statfsSync(directory).type === EXT4_MAGIC ? GROWTHS : 0;
	} catch {
		// The answer decides how fast appends are, and nothing else.
		return undefined;
	}
}
