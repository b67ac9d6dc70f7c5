import { createHash } from "node:crypto";

/**
 * Which of so many parts has a name, from 1 on. The name alone decides: parts that were run at different commits add up to everything,
 * though names have come and gone between.
 */
export function partOf(name, of) {
	return 1 + (createHash("sha256").update(name).digest().readUInt32BE(0) % of);
}
