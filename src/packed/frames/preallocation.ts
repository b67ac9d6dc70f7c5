const CHUNK_SLOTS = 8;
const LARGE_CHUNK_SLOTS = 64;
/** From this many slots on the file grows by large chunks. */
const LARGE_FROM = 128;

/**
 * How many slots a file gets room for when it has to hold `required` of them. (holt's chunks: 4
 * MiB, then 32 MiB.)
 */
export function slotsToAllocate(required: number): number {
	const chunk = required >= LARGE_FROM ? LARGE_CHUNK_SLOTS : CHUNK_SLOTS;
	return Math.ceil(required / chunk) * chunk;
}
