import { FRAMES } from "../frames.mjs";
import { readers } from "../packed-contenders.mjs";
import { packedRow } from "../packed-row.mjs";

/** `of` is how many reads are asked for at once. */
export function makeRow({ directories, isQuick, of }) {
	const together = Number(of);
	return packedRow({
		title: `packed store, ${FRAMES} frames of 512 KiB read from the disk at depth ${together}; per frame`,
		...{ directories, isQuick, together, move: "read" },
		contenders: readers(together),
	});
}
