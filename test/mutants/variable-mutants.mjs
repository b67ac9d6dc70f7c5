/** The mutants of variable journals. */
export const VARIABLE_MUTANTS = [
	{
		breaks: "variable journal: a section is walked before its first append",
		file: "src/journal/items/item-section.ts",
		find: "				await this.#walk();",
		replace: "				this.#tail.end = this.size;",
		noticedBy: {
			title:
				"opening a variable journal costs two reads of each section, and the first append to one reads it once",
		},
	},
	{
		breaks: "variable journal: a torn tail is cut before an append",
		file: "src/journal/items/item-section.ts",
		find: "			if (this.end < this.size) {\n				return undefined;\n			}",
		replace: "			this.#tail.end = this.size;",
		noticedBy: {
			title:
				"a torn tail is cut durably before anything is appended, and appends that wait keep their order",
		},
	},
	{
		breaks: "variable journal: what no crash explains is kept",
		file: "src/journal/items/item-section.ts",
		find: "		const copy = this.#tail.isExplained",
		replace: "		const copy = this.blob",
		noticedBy: {
			title:
				"the first append cuts a length that is not whole from the end of its section, so that what is appended is found (commonware swallows it)",
		},
	},
	{
		breaks: "variable journal: a cut within an item is walked again",
		file: "src/journal/items/section-tail.ts",
		find: "			this.end = undefined;",
		replace: "			this.end = size;",
		noticedBy: {
			title:
				"a rewind within an item leaves a part of it, which the next append cuts and reports",
		},
	},
	{
		breaks: "variable journal: a part of an item that failed is no item",
		file: "src/journal/items/item-section.ts",
		find: "		return Math.min(this.#tail.end ?? this.size, this.size);",
		replace: "		return this.size;",
		noticedBy: {
			title:
				"an item that found the disk full leaves nothing behind, whatever its size, and the next one is found",
		},
	},
	{
		breaks: "variable journal: a replay gives nothing from behind a cut",
		file: "src/journal/items/item-replay.ts",
		find: "			.reduce((least, shrunk) => Math.min(least, shrunk), size);",
		replace: "			.reduce((least) => least, size);",
		noticedBy: {
			title:
				"what a rewind cuts, and what is appended in its place, is never given out as what was there",
		},
	},
	{
		breaks: "variable journal: a section that was made again is another one",
		file: "src/journal/items/item-replay.ts",
		find: "		if (shrunkTo !== open.shrunkTo) {",
		replace: "		if (shrunkTo.length < 0) {",
		noticedBy: {
			title:
				"a section that was removed and made again ends its part of a replay",
		},
	},
	{
		breaks: "variable journal: only a replay of a whole section is its walk",
		file: "src/journal/items/item-replay.ts",
		find: "			isWalk: offset === 0,",
		replace: "			isWalk: offset >= 0,",
		noticedBy: {
			title:
				"a replay of a whole section counts as its walk, and one of a part does not",
		},
	},
	{
		breaks: "variable journal: what is no length is damage in the middle",
		file: "src/journal/items/item-cursor.ts",
		find: "			return left < VARINT_WIDTH_MAX;",
		replace: "			return left > 0;",
		noticedBy: {
			title:
				"a replay fails at bytes that are no length, with the place, and cuts nothing",
		},
	},
];
