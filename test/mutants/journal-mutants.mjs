/** The mutants of journals of fixed entries and of values. */
export const JOURNAL_MUTANTS = [
	{
		breaks: "a journal's sync covers appends that wait (#15.15)",
		file: "src/journal/journal.ts",
		find: "			await this.#sections.appended(section);",
		replace: "",
		noticedBy: {
			title:
				"a sync of the section of a fixed journal covers appends that were called before it and not awaited, to a section that is not there",
		},
	},
	{
		breaks: "nothing is appended behind what is missing (#15.15)",
		file: "src/journal/pending-appends.ts",
		find: "	if (run.failure !== undefined) {",
		replace: "	if (run.last === undefined && run.failure !== undefined) {",
		noticedBy: {
			title:
				"where a section of a glob cannot be opened at first, nothing is appended behind what is missing, and the next append goes on",
		},
	},
	{
		breaks: "a sync rejects with the error of an append that waits (#15.15)",
		file: "src/journal/pending-appends.ts",
		find: "		await this.#runs.get(section)?.last;",
		replace: "		await this.#runs.get(section)?.last?.catch(() => undefined);",
		noticedBy: {
			title:
				"where a section of a glob cannot be opened its appends and the sync fail, and other sections are synced with all",
		},
	},
	{
		breaks: "calls begin in the order in which they came: an opening (#15.15)",
		file: "src/journal/section-pool.ts",
		find: "		if (!this.#isAwaited(section)) {",
		replace: "		if (section >= 0n) {",
		noticedBy: {
			title:
				"appends that are called while their section is opened are found in the order of their calls",
		},
	},
	{
		breaks: "a section that was not judged at open is judged when it is used",
		file: "src/journal/section-pool.ts",
		find: "		if (this.#unjudged.has(section)) {",
		replace:
			"		if (this.#unjudged.delete(section)) {\n\t\t\treturn open;\n\t\t}\n\t\tif (this.#unjudged.has(section)) {",
		noticedBy: {
			title:
				"a section that was not judged is judged when it is first used, and then it is in the report",
		},
	},
	{
		breaks: "after a crash an open judges every section",
		file: "src/journal/page-partition.ts",
		find: "		return !this.#isKnown || this.isOwed(section);",
		replace: "		return !this.#isKnown && this.isOwed(section);",
		noticedBy: { title: "after a crash an open judges every section" },
	},
	{
		breaks: "a section that was closed is not used by the next call",
		file: "src/journal/section-pool.ts",
		find: "		this.#slots.delete(section);\n		this.#latest = undefined;",
		replace: "		this.#slots.delete(section);",
		noticedBy: {
			title: "a poisoned section can be removed, and made anew",
		},
	},
	{
		breaks: "calls begin in the order in which they came: a cut (#15.15)",
		file: "src/turns/change-gate.ts",
		find: "		return this.#changing === undefined && this.#entering === undefined;",
		replace: "		return this.#changing === undefined;",
		noticedBy: {
			title:
				"appends that are called while a cut of their section runs are found in the order of their calls",
		},
	},
	{
		breaks: "journal: a sync answers only those that came before it began",
		file: "src/journal/sync-rounds.ts",
		find: "		if (joined?.flush === flush) {",
		replace: "		if (joined !== undefined) {",
		noticedBy: {
			title:
				"of a journal that is fixed, a sync that comes while another is under way waits for its own, and each call is counted",
		},
	},
	{
		breaks: "journal: entries wait for their values (#4260)",
		file: "src/journal/oversized/values-first.ts",
		find: "	return () => values.syncAppended();",
		replace: "	return async () => undefined;",
		noticedBy: {
			title:
				"entries whose buffer fills by itself wait for their values too (commonware #4260)",
		},
	},
	{
		breaks: "journal: the last value is whole, not only there (#4260)",
		file: "src/journal/oversized/oversized-recovery.ts",
		find: "			if (await values?.isWhole(found)) {",
		replace: "			if (values !== undefined) {",
		noticedBy: {
			title:
				"a last entry whose value is there and not whole is cut, and another value takes its place (commonware #4260)",
		},
	},
	{
		breaks: "journal: an error of the host says nothing of a value (#4260)",
		file: "src/journal/oversized/oversized-recovery.ts",
		find: "			if (await values?.isWhole(found)) {",
		replace: "			if (await values?.isWhole(found).catch(() => false)) {",
		noticedBy: {
			title:
				"an error of the host while a value is judged cuts nothing (commonware #4260)",
		},
	},
	{
		breaks: "journal: a repair of entries is made, durably (#4260)",
		file: "src/journal/oversized/oversized-recovery.ts",
		find: "			await open.shrink(size);",
		replace: "			open.hideFrom(size);",
		noticedBy: {
			title:
				"a rewind that came no further than the entries is finished by the next open [test_recovery_crash_during_rewind_index_ahead]",
		},
	},
	{
		breaks: "journal: a repair of entries is durable (#4260)",
		file: "src/journal/pages-section.ts",
		find: "			await this.paged.resize(size);\n			await this.paged.sync();",
		replace: "			await this.paged.resize(size);",
		noticedBy: {
			title:
				"a rewind at a page's end cuts entries durably, then values durably (commonware #4688)",
		},
	},
	{
		breaks: "journal: values without entries are cut at open",
		file: "src/journal/oversized/oversized-recovery.ts",
		find: "			await this.#values.shrink(end);",
		replace: "",
		noticedBy: {
			title:
				"bytes behind the last value are cut, so that the next value takes their place [test_recovery_glob_trailing_garbage_truncated]",
		},
	},
	{
		breaks: "journal: no entry says another offset than its value's",
		file: "src/journal/oversized/oversized-section.ts",
		find: "			refuseUnlessHeld(this.#fields, { offset, size }, this.blob);\n",
		replace: "",
		noticedBy: {
			title:
				"a value larger than the write buffer past the last offset that an entry can say is refused, before anything is written",
		},
	},
	{
		breaks: "journal: no entry says another size than its value's",
		file: "src/journal/oversized/oversized-section.ts",
		find: "			refuseUnlessHeld(this.#fields, place, this.blob);\n",
		replace: "",
		noticedBy: {
			title:
				"a small value too large for its entry to say so is refused where the section holds it back as well",
		},
	},
	{
		breaks: "journal: a rewind cuts entries before values",
		file: "src/journal/oversized/oversized-section.ts",
		find: "			await this.shrink(size);\n			await this.values.shrink(end);",
		replace:
			"			await this.values.shrink(end);\n			await this.shrink(size);",
		noticedBy: {
			title:
				"a rewind within a page cuts entries durably, then values durably (commonware #4688)",
		},
	},
	{
		breaks: "journal: a cut takes the values that were read lately",
		file: "src/journal/values/value-section.ts",
		find: "				this.#cached.forgetBehind(size - VALUE_CRC_SIZE);",
		replace: "",
		noticedBy: {
			title:
				"a value that was read is not found behind a rewind that cuts it, and another in its place is",
		},
	},
	{
		breaks: "journal: a cut takes the last value that reaches behind it",
		file: "src/paged/value-memory.ts",
		find: "			if (offset + length > end) {",
		replace: "			if (offset > end) {",
		noticedBy: {
			title:
				"a value that was read is not found behind a cut within it, whatever is appended there",
		},
	},
	{
		breaks: "journal: every value of a run is checked",
		file: "src/journal/values/value-runs.ts",
		find: "			core.records.countWholeValues(address, sumOf(sizes), sizes, table),",
		replace: "			Math.max(address && sizes.length, table & 0),",
		noticedBy: {
			title:
				"a damaged middle value ends a replay with its place, and those before it are given out",
		},
	},
	{
		breaks: "journal: a run ends with its section",
		file: "src/journal/values/value-runs.ts",
		find: "			const held = within(sizes, end - offset);",
		replace: "			const held = within(sizes, end + offset + 2 ** 32);",
		noticedBy: {
			title:
				"a place behind the end of a section is an error in a run too, whatever the write buffer held there before",
		},
	},
	{
		breaks: "journal: a replay reads entries again that a cut may have taken",
		file: "src/journal/oversized/pair-replay.ts",
		find: "		const isMore = hasChanged || this.#ahead.count === 0;",
		replace: "		const isMore = this.#ahead.count === 0;",
		noticedBy: {
			title:
				"a rewind while a replay with values runs takes what it had not read yet, and what is appended behind comes instead",
		},
	},
	{
		breaks: "the event loop lives while memory answers",
		file: "src/turns/pace.ts",
		find: "		return this.#steps === 0 ? yieldIfDue() : undefined;",
		replace: "		return undefined;",
		noticedBy: {
			title:
				"a message that waits comes before reads of entries in memory that follow one another are done",
		},
	},
	{
		breaks: "journal: a rewind of values is durable",
		file: "src/journal/values/value-section.ts",
		find: "					this.#buffer.shrink(size);\n				}\n				await this.#flushDurably();",
		replace: "					this.#buffer.shrink(size);\n				}",
		noticedBy: {
			title: "a rewind to what lies in the buffer is durable when it resolves",
		},
	},
	{
		breaks: "journal: a section loses its entries before its values",
		file: "src/journal/oversized/oversized-sections.ts",
		find: "		await this.#entries.remove(section);\n		if (this.#valued.has(section)) {\n			await this.#values.remove(section);\n			this.#valued.delete(section);\n		}",
		replace:
			"		if (this.#valued.has(section)) {\n			await this.#values.remove(section);\n			this.#valued.delete(section);\n		}\n		await this.#entries.remove(section);",
		noticedBy: {
			title: "a section's entries are removed before its values, durably",
		},
	},
	{
		breaks:
			"journal: later sections go before a rewind cuts, the highest first",
		file: "src/journal/journal.ts",
		find: "				for (const later of [...laterThan(number)].reverse()) {",
		replace: "				for (const later of laterThan(number)) {",
		noticedBy: {
			title:
				"a rewind cuts its section and removes the later ones, the highest first",
		},
	},
	{
		breaks: "journal: a prune begins with the lowest section",
		file: "src/journal/journal.ts",
		find: "			for (const section of pruned) {",
		replace: "			for (const section of pruned.slice().reverse()) {",
		noticedBy: {
			title:
				"a prune removes from the lowest section on, each durably, and half-way leaves the highest",
		},
	},
	{
		breaks:
			"journal: values that no section of entries has are removed at open",
		file: "src/journal/oversized/oversized-sections.ts",
		find: "			if (!sections.has(section)) {",
		replace: "			if (!sections.has(section) && this.storage.readOnly) {",
		noticedBy: {
			title:
				"of values in sections 1,2,3 with entries in 1,2 those of 1,2 stay [test_recovery_values_has_orphan_section]",
		},
	},
	{
		breaks: "journal: a store that ends ends its journals before their values",
		file: "src/storage/context.ts",
		find: "\t\t\tthis.exclusively(() =>\n\t\t\t\tthis.openBlob(partition, hexName, UNVERSIONED, part),\n\t\t\t);",
		replace:
			"\t\t\tthis.exclusively(async () => {\n\t\t\t\tconst blob = await this.openBlob(partition, hexName, UNVERSIONED, part);\n\t\t\t\tthis.register(blob);\n\t\t\t\treturn blob;\n\t\t\t});",
		noticedBy: {
			title:
				"a store that is closed makes the pairs of its open journals durable, those of a new section too",
		},
	},
];
