/**
 * <linux/io_uring.h>: entries that a process and the kernel write into shared memory. All integers
 * are little-endian, as on every machine that Node runs on.
 *
 *    submission entry                                    completion entry
 *     0  opcode u8, flags u8, priority u16                0  user data u64
 *     4  file i32                                         8  result i32: a count, or -errno
 *     8  offset u64                                      12  flags u32
 *    16  address u64
 *    24  length u32
 *    28  flags of the operation u32
 *    32  user data u64
 *    40  index of the fixed buffer u16, and zeros up to 64
 */
export const SUBMISSION_SIZE = 64;
export const COMPLETION_SIZE = 16;

/** In a submission entry: `file` is the index of a registered file, not a descriptor. */
export const FIXED_FILE = 1 << 0;

export const OPCODE = {
	readv: 1,
	writev: 2,
	fsync: 3,
	readFixed: 4,
	writeFixed: 5,
	read: 22,
	write: 23,
	/** Many vectors of one region of fixed memory: since Linux 6.15. */
	readvFixed: 60,
	writevFixed: 61,
} as const;

/** Flags of an fsync, and of a write. */
export const FSYNC_DATASYNC = 1 << 0;
export const RWF_DSYNC = 1 << 1;

export const ENTER_GETEVENTS = 1 << 0;
export const SETUP_CLAMP = 1 << 4;

export const REGISTER = {
	buffers: 0,
	files: 2,
	filesUpdate: 6,
	probe: 8,
} as const;

/** Of the kernel: both queues' heads lie in one mapping, and no completion is dropped. */
export const FEATURE_SINGLE_MMAP = 1 << 0;
export const FEATURE_NODROP = 1 << 1;
/**
 * Of the version that brought the operations `read` and `write`, Linux 5.6: they have no bit of
 * their own.
 */
export const FEATURE_RW_CUR_POS = 1 << 3;
/** Offsets that io_uring's two mappings have in the ring's descriptor. */
export const QUEUES_MAPPING = 0;
export const ENTRIES_MAPPING = 0x10000000;

/** struct io_uring_probe, and as many operations behind it: whether the kernel has each. */
export const PROBE_SIZE = 16;
export const PROBED_SIZE = 8;
export const PROBED_MOST = 256;
export const PROBED_FLAGS = 2;
export const PROBED_SUPPORTED = 1 << 0;

/** struct iovec: an address and a length, of 64 bits both. */
export const VECTOR_SIZE = 16;
/** The kernel's limit of one region of fixed memory. */
export const REGION_MAX = 2 ** 30;

const PARAMETERS_SIZE = 120;

/**
 * struct io_uring_params, as the kernel fills it in: the place of each part in the mapping of both
 * queues.
 */
export interface RingLayout {
	readonly submissions: number;
	readonly completions: number;
	readonly features: number;
	readonly submission: {
		readonly head: number;
		readonly tail: number;
		readonly mask: number;
		readonly array: number;
	};
	readonly completion: {
		readonly head: number;
		readonly tail: number;
		readonly mask: number;
		readonly entries: number;
	};
}

export function parametersFor(flags: number): Uint8Array {
	const parameters = new Uint8Array(PARAMETERS_SIZE);
	new DataView(parameters.buffer).setUint32(8, flags, true);
	return parameters;
}

export function layoutOf(parameters: Uint8Array): RingLayout {
	const view = new DataView(parameters.buffer, parameters.byteOffset);
	const at = (offset: number) => view.getUint32(offset, true);
	return {
		submissions: at(0),
		completions: at(4),
		features: at(20),
		submission: {
			head: at(40),
			tail: at(44),
			mask: at(48),
			array: at(64),
		},
		completion: {
			head: at(80),
			tail: at(84),
			mask: at(88),
			entries: at(100),
		},
	};
}

/** Bytes of the mapping that holds both queues. */
export function queuesLength(layout: RingLayout): number {
	const submissions = layout.submission.array + layout.submissions * 4;
	const { entries } = layout.completion;
	const completions = entries + layout.completions * COMPLETION_SIZE;
	return Math.max(submissions, completions);
}

/** The number of values of a word. A stored number is cut to its lower 32 bits. */
export const WORD = 2 ** 32;

/** struct iovec for each region of memory, one after the other. */
export function vectorsOf(
	regions: readonly { readonly address: number; readonly length: number }[],
): Uint8Array {
	const words = new Uint32Array((regions.length * VECTOR_SIZE) / 4);
	for (const [index, { address, length }] of regions.entries()) {
		const halves = [address, address / WORD, length, length / WORD];
		words.set(halves, index * halves.length);
	}
	return new Uint8Array(words.buffer);
}
