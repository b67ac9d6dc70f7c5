import { libc } from "./libc.ts";

/**
 * Wants huge pages, of 2 MiB, under all the memory that some views are of, before it is used: the
 * kernel looks up and holds a frame's memory page by page for each transfer, and the disk gets it
 * piece by piece, 128 of 4 KiB. A wish and no more: answers whether the kernel has heard it, and
 * one that has no huge pages goes on with small ones. Linux.
 */
export async function useHugePages(
	views: readonly Uint8Array[],
): Promise<boolean> {
	const { wantHugePages } = await libc();
	const memories = new Set(views.map(({ buffer }) => buffer));
	return [...memories].every(
		(memory) => wantHugePages(new Uint8Array(memory)) === 0,
	);
}
