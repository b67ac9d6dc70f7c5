import type { PlatformCalls } from "../posix/platform.ts";
import type { PosixCalls } from "../posix/posix-file.ts";
import type { Libc } from "./libc.ts";

/** <sys/mman.h> of Linux. */
const MADV_HUGEPAGE = 14;

/**
 * Asks for huge pages, of 2 MiB, under all the memory of some views, before it is used. For each
 * transfer the kernel looks up and holds a frame's memory page by page, and the disk gets it piece
 * by piece, 128 of 4 KiB. The kernel may ignore it: returns whether it took the advice; a kernel
 * without huge pages goes on with small ones.
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
