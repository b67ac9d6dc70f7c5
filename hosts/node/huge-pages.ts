import type { PlatformCalls } from "../posix/platform.ts";
import type { PosixCalls } from "../posix/posix-file.ts";
import type { Libc } from "./libc.ts";

/** <sys/mman.h> of Linux. */
const MADV_HUGEPAGE = 14;

/**
 * Wants huge pages, of 2 MiB, under all the memory that some views are of, before it is used: the
 * kernel looks up and holds a frame's memory page by page for each transfer, and the disk gets it
 * piece by piece, 128 of 4 KiB. A wish and no more: answers whether the kernel has heard it, and
 * one that has no huge pages goes on with small ones.
 */
export function hugePagesBy(
	hugePages: PlatformCalls["hugePages"],
	libc: () => Promise<Libc>,
): NonNullable<PosixCalls["prepare"]> {
	if (hugePages === "none") {
		return () => false;
	}
	return async (views) => {
		const { madvise } = await libc();
		const memories = new Set(views.map(({ buffer }) => buffer));
		return [...memories].every(
			(memory) => madvise(new Uint8Array(memory), MADV_HUGEPAGE) === 0,
		);
	};
}
