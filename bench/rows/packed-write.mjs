import { FRAMES } from "../frames.mjs";
import { writers } from "../packed-contenders.mjs";
import { packedRow } from "../packed-row.mjs";

/** `of` is how many frames are written in one call, and flushed. */
export function makeRow({ directories, isQuick, of }) {
	const together = Number(of);
	return packedRow({
		title: `packed store, ${FRAMES} frames of 512 KiB written, flushed after each ${together}; per frame`,
		...{ directories, isQuick, together, move: "write" },
		contenders: writers(together),
	});
}
