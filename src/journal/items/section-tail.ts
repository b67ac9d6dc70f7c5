/**
 * What a session knows of where a variable section's items end, whether the section is open or
 * closed for another.
 */
export class SectionTail {
	/** Where the last whole item ends; undefined while nobody has walked the section. */
	end: number | undefined;
	/** Whether all that lies behind that is a torn write of dualslot's own, or left by a shrink. */
	isExplained = false;
	/**
	 * The sizes that the section shrank to, in order: what a replay has yet to give ends at the
	 * least of them.
	 */
	readonly shrunkTo: number[] = [];

	/**
	 * Shrinks the section to `size`, which need not be where an item ends. Where that fails, its tail
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
