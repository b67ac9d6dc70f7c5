/** The mutants of paged blobs: what a sync covers, the two slots of a page, cuts, recovery. */
export const PAGED_MUTANTS = [
	{
		breaks: "a sync covers what was flushed",
		file: "src/paged/flush.ts",
		find: "		await this.#flush({ withRest: true, isSync: true });\n		await this.#durability.cover(this.#durability.ticket);",
		replace: "		await this.#flush({ withRest: true, isSync: true });",
		noticedBy: {
			title:
				"a flush that was not synced makes the next sync a full one [test_sync_uses_full_sync_after_prior_plain_flush]",
		},
	},
	{
		breaks: "a sync covers appends that wait (#15.15)",
		file: "src/paged/paged-file.ts",
		find: "		return this.#appends.isFree ? sync() : this.#appends.done().then(sync);",
		replace: "		return sync();",
		noticedBy: {
			title:
				"a sync covers appends and resizes that were called before it and not awaited",
		},
	},
	{
		breaks: "nothing is appended behind an append that failed (#15.15)",
		file: "src/turns/append-queue.ts",
		find: "body() : this.#last.then(body);",
		replace: "body() : this.#last.then(body, body);",
		noticedBy: {
			title:
				"where an append finds the disk full, those behind it and the sync reject with its error, and what was taken before it is kept",
		},
	},
	{
		breaks: "a page's data is written before the slot that vouches for it",
		file: "src/paged/flush.ts",
		find: "		await this.#durability.write(base + start, bytes);\n		if (second !== undefined) {\n			const [from, to] = second;\n			await this.#durability.write(base + from, this.#tip.physical(from, to));\n		}",
		replace:
			"		if (second !== undefined) {\n			const [from, to] = second;\n			await this.#durability.write(base + from, this.#tip.physical(from, to));\n			await this.#durability.sync();\n		}\n		await this.#durability.write(base + start, bytes);",
		noticedBy: {
			title:
				"slot 1 counts when both lengths are equal, and is written around [test_identify_protected_regions_equal_lengths]",
		},
	},
	{
		breaks: "the slot that counts is left alone",
		file: "src/paged/flush.ts",
		find: "			slot: isRewrite && kept.slot === 1 ? 2 : 1,",
		replace: "			slot: isRewrite && kept.slot === 1 ? 1 : 1,",
		noticedBy: {
			title:
				"a cut never writes over the slot that a fallback counts on [test_resize_same_page_shrink_preserves_validated_fallback_slot]",
		},
	},
	{
		breaks: "no sync joins one that has begun",
		file: "src/turns/joined-sync.ts",
		find: "			this.#joinable = undefined;\n			await this.#step();",
		replace: "			await this.#step();",
		noticedBy: {
			title:
				"a sync that comes when another has begun does not resolve with it, and appends go on meanwhile",
		},
	},
	{
		breaks: "a host sync covers only what was handed over before it began",
		file: "src/paged/durability.ts",
		find: "			await step;\n			this.#covered = ticket;",
		replace:
			"			await step;\n			this.#covered = this.#mutations + Math.min(ticket, 0);",
		noticedBy: {
			title:
				"what was handed over while a sync in the background ran is not durable by it: a sync that follows asks the host again",
		},
	},
	{
		breaks: "the last durable slot is not overwritten (#4546)",
		file: "src/paged/flush.ts",
		find: "		if (kept?.isSecond || kept?.otherIsAtRisk) {",
		replace: "		if (kept?.otherIsAtRisk) {",
		noticedBy: {
			title:
				"the last durable slot is overwritten only when the other one is durable (commonware #4546)",
		},
	},
	{
		breaks: "a truncation is durable before the next write (#4688)",
		file: "src/paged/flush.ts",
		find: "		if (durability.isTruncated) {",
		replace: "		if (durability.isTruncated && count < 0) {",
		noticedBy: {
			title:
				"a cut at a page boundary is durable before the bytes that come after it (commonware #4688)",
		},
	},
	{
		breaks: "a retired slot that could be revived is zeroed (#4339)",
		file: "src/paged/flush.ts",
		find: "		if (kept?.otherIsAtRisk) {\n			const other",
		replace: "		if (kept?.otherIsAtRisk && count < 0) {\n			const other",
		noticedBy: {
			title:
				"a retired slot with a sector boundary within its checksum is zeroed, durably, before it is used again (commonware #4339)",
		},
	},
	{
		breaks: "what recovery cuts is cut from the file",
		file: "src/paged/recovery.ts",
		find: "		await this.#blob.resize(end);\n",
		replace: "",
		noticedBy: {
			title:
				"what lies behind the last valid page is cut, durably, and a copy of it is kept",
		},
	},
	{
		breaks: "a shrink begins with a sync",
		file: "src/paged/paged-file.ts",
		find: "				await this.#flush.sync();\n				await this.#shrinkPages.to(size);",
		replace:
			"				await this.#flush.flushAll();\n				await this.#shrinkPages.to(size);",
		noticedBy: {
			title:
				"a cut within a page syncs first what nothing had synced: no step is on the disk before that",
		},
	},
	{
		breaks: "the old length goes last in a shrink",
		file: "src/paged/page-shrink.ts",
		find: "		await durability.writeSync(base + newSlotOffset, stages.lengthStage);\n		await durability.writeSync(base + oldSlotOffset, stages.retireStage);",
		replace:
			"		await durability.writeSync(base + oldSlotOffset, stages.retireStage);\n		await durability.writeSync(base + newSlotOffset, stages.lengthStage);",
		noticedBy: {
			title:
				"a cut whose new length is torn leaves the old length [test_resize_same_page_shrink_survives_interrupted_len_stage]",
		},
	},
	{
		breaks: "a tail is zeroed when the new slot is durable, and no earlier",
		file: "src/paged/page-shrink.ts",
		find: "			await this.#writeStages(page, shrunk.stages);\n			this.#flush.adopt(shrunk.after);\n			await this.#erase(page, shrunk.erased);",
		replace:
			"			await this.#erase(page, shrunk.erased);\n			await this.#writeStages(page, shrunk.stages);\n			this.#flush.adopt(shrunk.after);",
		noticedBy: {
			title:
				"with erase a cut whose write 2 is torn leaves the old length or the new one, and the next open erases",
		},
	},
	{
		breaks: "an open erases when what it has found is durable",
		file: "src/paged/recovery.ts",
		find: "		await (isSynced ? undefined : this.#blob.sync());\n",
		replace: "",
		noticedBy: {
			title:
				"a session with erase erases what one without has cut from the last page, once what it found is durable",
		},
	},
	{
		breaks: "an export leaves alone a page that is full or damaged",
		file: "src/core/page-tail.ts",
		find: "Math.max(first.length, second.length)",
		replace: "length",
		noticedBy: {
			title:
				"an export has bytes up to the longer of the last page's lengths, and zeros behind it",
		},
	},
	{
		breaks: "each step of a shrink is durable before the next",
		file: "src/paged/page-shrink.ts",
		find: "		await durability.writeSync(base + newSlotOffset, stages.lengthStage);",
		replace:
			"		await durability.write(base + newSlotOffset, stages.lengthStage);",
		noticedBy: {
			title:
				"a cut within the last page is three range-synced writes [test_resize_partial_shrink_without_physical_resize_uses_range_sync]",
		},
	},
	{
		breaks: "unsynced bytes stay within the window",
		file: "src/paged/durability.ts",
		find: "		while (this.#written - this.#durable + bytes > UNSYNCED_WINDOW) {",
		replace:
			"		while (this.#written - this.#durable + bytes > UNSYNCED_WINDOW * 2) {",
		noticedBy: {
			title:
				"no more than the window is ever unsynced at the host: an append that would overflow it waits",
		},
	},
	{
		breaks: "what recovery adopted is not durable until it is synced (#3940)",
		file: "src/paged/durability.ts",
		find: "		this.#covered = isSynced ? FOUND : 0;",
		replace: "		this.#covered = FOUND;",
		noticedBy: {
			title:
				"the first sync of an opened blob reaches the disk, though nothing was appended (commonware #3940)",
		},
	},
];
