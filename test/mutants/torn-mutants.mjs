/** The mutants of what is torn, and what is damaged. */
export const TORN_MUTANTS = [
	{
		breaks: "a hole that a crash left is cut (#4326)",
		file: "src/page-recovery.ts",
		find: "			? await this.#search.lastPage(lastValid)\n",
		replace: "			? lastValid\n",
	},
	{
		breaks:
			"a slot with a length that no write of the page gave it is damage (#15.18)",
		file: "assembly/torn.ts",
		find: "	return !isBad || slotLength(address) === pageSize || isMixable;",
		replace: "	return true;",
	},
	{
		breaks:
			"a page that was durable when a later one was written is damage (#15.18)",
		file: "src/torn-search.ts",
		find: "				isTorn && (page >= this.#afterSync || isTruncated),",
		replace: "				isTorn,",
	},
	{
		breaks: "what a torn truncation leaves is never called damage (#15.18)",
		file: "src/torn-search.ts",
		find: "				isTorn && (page >= this.#afterSync || isTruncated),",
		replace: "				isTorn && page >= this.#afterSync,",
	},
	{
		breaks: "damaged pages behind the last valid one stay (#15.18)",
		file: "src/torn-search.ts",
		find: "			last = this.#cutsDamage ? last : judged;",
		replace: "",
	},
	{
		breaks:
			"a blob that ends with damage stays owed a look after a clean close (#15.18)",
		file: "src/paged-blob.ts",
		find: "			if (!this.endsDamaged) {\n				this.#storage.marker.settle(blobPath(this.#blob));\n			}",
		replace: "			this.#storage.marker.settle(blobPath(this.#blob));",
	},
];
