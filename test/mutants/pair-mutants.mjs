/** Rules of values and entries that become durable at once. */
export const PAIR_MUTANTS = [
	{
		breaks: "pairs: after a crash the window of values is checked",
		file: "src/journal/oversized/oversized-recovery.ts",
		find: "		if (values !== undefined && this.#open.paged.recovery.foundCrash) {",
		replace: "		if (values !== undefined && this.#scanned > 0) {",
		noticedBy: {
			title:
				"after a crash an entry whose value never arrived is cut with all behind it, and others take their places",
		},
	},
	{
		breaks: "pairs: the first lost value counts, not the last",
		file: "src/journal/oversized/lost-value-search.ts",
		find: "				this.#lost = { position: first + index, why };",
		replace: "				this.#lost ??= { position: first + index, why };",
		noticedBy: {
			title:
				"after a crash the first of several lost values counts, whatever lies between and behind",
		},
	},
	{
		breaks: "pairs: a value that ends within the window is checked",
		file: "src/journal/oversized/lost-value-search.ts",
		find: "		return last && last.offset + last.size - this.#window;",
		replace: "		return last?.offset;",
		noticedBy: {
			title:
				"a value that fails its checksum within the window of unsynced bytes costs 3 entries after a crash",
		},
	},
	{
		breaks: "pairs: a value that ends before the window is durable",
		file: "src/journal/oversized/lost-value-search.ts",
		find: "		return durable === undefined",
		replace: "		return durable === undefined || durable.index >= 0",
		noticedBy: {
			title:
				"a value that fails its checksum before the window of unsynced bytes costs 0 entries after a crash",
		},
	},
	{
		breaks:
			"pairs: what a killed writer cut is durable before its place is written",
		file: "src/paged/durability.ts",
		find: "		return this.#covered >= FOUND && !this.isTruncated;",
		replace: "		return !this.isTruncated;",
		noticedBy: {
			title:
				"a session that found no value makes what a killed writer cut durable before it hands over an entry",
		},
	},
	{
		breaks:
			"pairs: a cut of values is durable before their place is written again",
		file: "src/journal/values/value-section.ts",
		find: "					this.#buffer.shrink(size);\n				}\n				await this.#flushDurably();",
		replace: "					this.#buffer.shrink(size);\n				}",
		noticedBy: {
			title:
				"a repair cuts values durably, then entries durably, before the journal is open",
		},
	},
	{
		breaks: "pairs: no entry is handed over before its value (#4260)",
		file: "src/journal/oversized/both-at-once.ts",
		find: "(values.isGrounded ? values.handOver() : values.syncAppended())",
		replace: "(values.isGrounded ? Promise.resolve() : values.syncAppended())",
		noticedBy: {
			title:
				"no entry is handed over before its value, even where its buffer fills by itself",
		},
	},
	{
		breaks: "pairs: a sync resolves when values are durable too (#4260)",
		file: "src/journal/oversized/both-at-once.ts",
		find: "Promise.allSettled([values.cover(), syncEntries()])",
		replace: "Promise.allSettled([syncEntries()])",
		noticedBy: {
			title:
				"values that cannot be synced fail the sync that hands over their entries, and poison their section alone",
		},
	},
	{
		breaks: "pairs: values that an open finds after a crash are made durable",
		file: "src/journal/oversized/oversized-recovery.ts",
		find: "			await this.#values.syncFound();",
		replace: "",
		noticedBy: {
			title:
				"what an open finds after a crash is durable before its clean close says that nothing is owed, values too",
		},
	},
	{
		breaks: "pairs: a section whose values were lost stays owed a look",
		file: "src/journal/oversized/oversized-section.ts",
		find: "			this.#storage.marker.owe(blobPath(this.blob));",
		replace: "",
		noticedBy: {
			title:
				"a section whose values could not be synced is looked at after a clean close, as after a crash",
		},
	},
	{
		breaks: "pairs: a close makes values durable first",
		file: "src/journal/oversized/oversized-section.ts",
		find: "			() => this.values.syncTouched(),",
		replace: "			() => undefined,",
		noticedBy: {
			title:
				"a journal that is closed makes values durable before the entries that say so",
		},
	},
	{
		breaks: "pairs: without metadata values go first",
		file: "src/journal/oversized/oversized-sections.ts",
		find: '		this.#isAtOnce = pairs === "together" && storage.hasMetadata;',
		replace: '		this.#isAtOnce = pairs === "together";',
		noticedBy: {
			title:
				"in a store without metadata values go first, as with 'ordered': nothing would tell of a crash",
		},
	},
];
