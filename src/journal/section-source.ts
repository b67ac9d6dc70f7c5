import type { LeftBlob } from "../paged/paged-section.ts";
import type { StoreContext } from "../storage/context.ts";
import type { Owner } from "../storage/owners.ts";
import type { OpenSection } from "./open-section.ts";

/** The source of a journal's sections. */
export interface SectionSource<Open extends OpenSection> {
	readonly storage: StoreContext;
	/** The journal, as the one owner of its partitions. */
	readonly owner: Owner;
	/** Named in the journal's errors. */
	readonly partition: string;
	/** Bytes of the write buffers of an open section. */
	readonly bufferBytes: number;
	/** Opens a section; makes a missing one. `left` tells how this session closed it. */
	open(section: bigint, left: LeftBlob | undefined): Promise<Open>;
	/**
	 * Judges a section that was found, when it is opened for the first time: cuts what must be cut,
	 * and reports it.
	 */
	judge(section: bigint, open: Open): Promise<void>;
	/** Removes a section, durably. */
	remove(section: bigint): Promise<void>;
}
