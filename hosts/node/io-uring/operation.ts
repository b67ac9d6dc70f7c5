import { OPCODE } from "./abi.ts";

/** An operation for the kernel, in the words of a submission entry. */
export interface Operation {
	readonly opcode: number;
	readonly file: RingTarget;
	readonly offset: number;
	readonly address: number;
	/** Bytes, or vectors of a vectored operation. */
	readonly length: number;
	/** RWF_ flags of a write, FSYNC_ flags of a sync. */
	readonly flags: number;
	/** The region of fixed memory that the address lies in. */
	readonly region: number;
	/** Memory that the kernel uses: it must live until the operation has completed. */
	readonly holds: readonly unknown[];
}

/** A file in the ring: its index where it is registered, otherwise its descriptor. */
export interface RingTarget {
	readonly fd: number;
	readonly index: number | undefined;
}

const NOTHING = { offset: 0, address: 0, length: 0, region: 0, holds: [] };

export function syncOperation(file: RingTarget, flags: number): Operation {
	return { ...NOTHING, opcode: OPCODE.fsync, file, flags };
}
