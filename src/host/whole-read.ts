import { countRead, failure } from "./answers.ts";
import type { HostFile } from "./host.ts";

/**
 * Fills a target from a file that is known to be long enough. Throws where it has become shorter,
 * and for an impossible count.
 */
export async function readWhole(
	file: HostFile,
	path: string,
	target: Uint8Array,
	offset: number,
): Promise<void> {
	const found = countRead(await file.read([target], offset), target.length);
	if (found < target.length) {
		throw failure("EIO", `${path} became shorter while it was read`);
	}
}
