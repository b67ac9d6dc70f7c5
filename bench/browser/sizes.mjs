/** Bytes of an entry. */
export const ENTRY = 256;
/** Of a page of dualslot and of each SQLite. */
export const PAGE = 4096;
/** Pages that each of them keeps in memory: one MiB. */
export const CACHED_PAGES = 256;

/** How many entries and reads each row has. Those in memory are of the last entries. */
export const USUAL = {
	rounds: 5,
	durable: 200,
	bulk: 65_536,
	inMemory: 2_048,
	hotReads: 5_000,
	coldReads: 2_000,
};

export const QUICK = {
	rounds: 1,
	durable: 30,
	bulk: 8_192,
	inMemory: 1_024,
	hotReads: 2_000,
	coldReads: 500,
};
