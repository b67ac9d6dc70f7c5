/**
 * What a session knows of where a variable section's items end, whether the section is open or
 * closed for another.
 */
export class SectionTail {
	/** Where the last whole item ends; undefined while nobody has walked the section. */
	end: number | undefined;
	/** Whether what may lie behind that is a torn write of dualslot's own, or was left by a cut. */
	isExplained = false;
	/**
	 * The sizes that the section was cut to, in order: what a replay has yet to give ends at the
	 * least of them.
	 */
	readonly cuts: number[] = [];

	/**
	 * Cuts the section to `size`, which need not be where an item ends. Where that fails, nothing is
	 * taken for cut.
	 */
	async cut(size: number, body: () => Promise<void>): Promise<void> {
		this.cuts.push(size);
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
