/**
 * What a session knows about the end of a variable section's items. Kept while the section is
 * closed.
 */
export class SectionTail {
	/** Where the last whole item ends; undefined until the section is walked. */
	end: number | undefined;
	/** Whether all bytes behind `end` come from a torn write of dualslot, or from a shrink. */
	isExplained = false;
	/** The sizes that the section shrank to, in order. A running replay ends at the least of them. */
	readonly shrunkTo: number[] = [];

	/**
	 * Shrinks the section to `size`, which need not be where an item ends. If that fails, the tail
	 * stays unexplained.
	 */
	async shrink(size: number, body: () => Promise<void>): Promise<void> {
		this.shrunkTo.push(size);
		if (this.end !== undefined && size < this.end) {
			this.end = undefined;
		}
		await body();
		this.isExplained = true;
		if (size === 0) {
			this.end = 0;
		}
	}
}
