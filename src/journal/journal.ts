import type { Section } from "./section.ts";

/**
 * What every journal in sections can do. A section is a blob of its own, made by the first append to it; the numbers need
 * not be contiguous. Sections are opened when they are needed, and no more than OPEN_SECTIONS stay open.
 *
 * Every call that names a section below the last prune throws ERR_SECTION_PRUNED; every one of them throws TypeError or
 * RangeError for what is no section. A failed write or sync poisons its section alone: changes of it are refused with
 * ERR_POISONED until the journal is opened anew, reads go on.
 */
export abstract class Journal implements AsyncDisposable {
	/** The sections that exist, ascending. */
	abstract sections(): bigint[];

	/** Bytes of the section's entries (of a glob: of its values), those not yet synced included; 0 when it does not exist. */
	abstract size(section: Section): Promise<number>;

	/** Makes all that was appended to a section before this call durable. Concurrent calls share a host sync. */
	abstract sync(section: Section): Promise<void>;

	/** As sync, for every section: what opening found and no sync has covered since is synced too, once. */
	abstract syncAll(): Promise<void>;

	/**
	 * Removes every section below `min`, in ascending order, each durably; answers whether there was one. When it fails half-way
	 * a run of the lowest sections is gone, and the rest stands: call it again.
	 */
	abstract prune(min: Section): Promise<boolean>;

	/**
	 * Cuts `section` to `size` bytes, and removes all later sections. Durable when it resolves. A section that is not longer stays
	 * as it is. When it fails half-way, later sections are gone from the highest on, and `section` has the old size or the new one.
	 */
	abstract rewind(section: Section, size: number): Promise<void>;

	/** As rewind, and leaves the other sections alone. */
	abstract rewindSection(section: Section, size: number): Promise<void>;

	/** Removes one section, durably; answers whether it existed. */
	abstract removeSection(section: Section): Promise<boolean>;

	/** Removes every section, in ascending order, and forgets what was pruned. The journal goes on. */
	abstract clear(): Promise<void>;

	/** Removes every section and the partition, and lets go of the journal. */
	abstract destroy(): Promise<void>;

	/** Syncs and lets go of every section; rejects with the first failure, having let go all the same. */
	abstract close(): Promise<void>;

	/** Lets go as a crash would: what was not synced may be lost. */
	abstract drop(): Promise<void>;

	async [Symbol.asyncDispose](): Promise<void> {
		await this.close();
	}
}
