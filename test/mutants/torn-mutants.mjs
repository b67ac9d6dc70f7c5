/** The mutants of what is torn, and what is damaged. */
export const TORN_MUTANTS = [
	{
		breaks: "a hole that a crash left is cut (#4326)",
		file: "src/paged/recovery.ts",
		find: "			? await this.#search.lastPage(lastValid)\n",
		replace: "			? lastValid\n",
		noticedBy: {
			title:
				"after a crash of ours a hole is cut with all behind it, and a copy is kept",
		},
	},
	{
		breaks:
			"a slot with a length that no write of the page gave it is damage (#15.18)",
		file: "assembly/page/torn.ts",
		find: "	return !isBad || slotLength(address) === pageSize || isMixable;",
		replace: "	return true;",
		noticedBy: {
			title:
				"a page whose other slot says a length that no write of it gave is not called torn, unless the slot lies in two sectors",
			file: "test/core/torn.test.ts",
		},
	},
	{
		breaks:
			"a page that was durable when a later one was written is damage (#15.18)",
		file: "src/paged/torn-search.ts",
		find: "				isTorn && (page >= this.#afterSync || isTruncated),",
		replace: "				isTorn,",
		noticedBy: {
			title:
				"after a crash of ours damage that leaves a page of 500 bytes one slot is told where a later page was written after a sync",
		},
	},
	{
		breaks: "what a torn truncation leaves is never called damage (#15.18)",
		file: "src/paged/torn-search.ts",
		find: "				isTorn && (page >= this.#afterSync || isTruncated),",
		replace: "				isTorn && page >= this.#afterSync,",
		noticedBy: {
			title:
				"after a crash of ours zeros in a page of 500 bytes are cut, as what a torn truncation leaves, though a later page was written after a sync",
		},
	},
	{
		breaks: "damaged pages behind the last valid one stay (#15.18)",
		file: "src/paged/torn-search.ts",
		find: "			last = this.#cutsDamage ? last : judged;",
		replace: "",
		noticedBy: {
			title:
				"a damaged page of 500 bytes right before a torn one stays, and what is appended goes behind it",
		},
	},
	{
		breaks:
			"a blob that ends with damage stays owed a look after a clean close (#15.18)",
		file: "src/paged/paged-file.ts",
		find: "			if (!this.endsDamaged) {\n				this.#storage.marker.settle(blobPath(this.#blob));\n			}",
		replace: "			this.#storage.marker.settle(blobPath(this.#blob));",
		noticedBy: {
			title:
				"after a crash of ours wrong bytes in the last page of 500 bytes are damage: what was full stays, and what is appended goes behind it",
		},
	},
	{
		breaks:
			"what a valid slot vouches for is read in any page, whatever lies behind it (#15.17)",
		file: "src/paged/physical-pages.ts",
		find: "			: core.pages.validatePage(address, this.#pageSize).length;",
		replace: "			: 0;",
		noticedBy: {
			title:
				"what was acknowledged is read after a power cut in a store without metadata",
			file: "test/crash/power-cuts-no-metadata.test.ts",
		},
	},
];
