/** The mutants of zeros ahead of pages: how they are written, cut, and told from pages after a crash. */
export const ZEROS_MUTANTS = [
	{
		breaks: "zeros ahead are taken for zeros, and not for pages (#18.1)",
		file: "src/paged/recovery.ts",
		find: "\t\t\tthis.#blob.hideEnd(this.#zeros);\n",
		replace: "",
		noticedBy: {
			title:
				"zeros that a crash left are cut without a copy, and reported as reserved",
		},
	},
	{
		breaks: "no more zeros are skipped than the marker speaks of (#18.1)",
		file: "src/paged/zeros-behind.ts",
		find: "const floor = Math.max(0, size - most);",
		replace: "const floor = Math.max(0, size - size - most);",
		noticedBy: {
			title:
				"of zeros past what the marker says, the rest is cut as a torn tail",
		},
	},
	{
		breaks: "a page that was begun over zeros keeps its place (#18.1)",
		file: "src/paged/zeros-behind.ts",
		find: "\tconst pages = Math.ceil(end / stride);",
		replace: "\tconst pages = Math.floor(end / stride);",
		noticedBy: {
			title:
				"a page whose first write was torn over zeros ahead is a torn tail, at each byte",
		},
	},
	{
		breaks: "a first write that was torn over zeros is no damage (#18.1)",
		file: "src/paged/torn-search.ts",
		find: " ||\n\t\t\t\tthis.#isBegunOverZeros(page, address),",
		replace: ",",
		noticedBy: {
			title:
				"a page whose first write was torn over zeros ahead is a torn tail, at each byte",
		},
	},
	{
		breaks:
			"the window that is searched ends with the pages, and not with the file (#18.1)",
		file: "src/paged/torn-search.ts",
		find: "\t\tconst floor = this.#blob.size - this.#storage.marker.window;",
		replace:
			"\t\tconst floor = this.#blob.size + 20 * 115 - this.#storage.marker.window;",
		noticedBy: {
			title:
				"a lost page in the window before the last valid page is a hole, however many zeros follow that",
		},
	},
	{
		breaks: "a clean close cuts zeros (#18.1)",
		file: "src/paged/paged-file.ts",
		find: "\t\tawait this.#turn.run(() => this.#durability.cutZeros());\n",
		replace: "",
		noticedBy: {
			title: "a clean close cuts zeros ahead, durably, before the marker goes",
		},
	},
	{
		breaks:
			"a cut of zeros that is not durable yet is made so by a close (#18.1)",
		file: "src/storage/zeros-ahead.ts",
		find: "\t\treturn this.reserved > 0 || this.#cuts !== this.#durableCuts;",
		replace: "\t\treturn this.reserved > 0;",
		noticedBy: {
			title:
				"zeros that were cut for want of room are cut durably before the marker goes",
		},
	},
	{
		breaks: "no zeros follow a truncation before it is durable (#18.1)",
		file: "src/storage/zeros-ahead.ts",
		find: "const isCutDurable = this.#cuts === this.#durableCuts;",
		replace: "const isCutDurable = true;",
		noticedBy: {
			title: "zeros follow a truncation only after a sync that began behind it",
		},
	},
	{
		breaks:
			"the marker says how many zeros there may be before there are any (#18.1)",
		file: "src/storage/open.ts",
		find: "\tawait marker.raise(zeros?.ahead ?? 0);",
		replace: "\tawait marker.raise(0);",
		noticedBy: {
			title:
				"dualslot.open says how many zeros there may be before the first are written",
		},
	},
	{
		breaks:
			"a marker that stays says how many zeros its blobs end with (#18.1)",
		file: "src/storage/own-files/marker.ts",
		find: "\t\tconst found = this.foundCrash ? this.#aheadFound : 0;",
		replace: "\t\tconst found = 0;",
		noticedBy: {
			title:
				"a marker that stays for blobs that were not opened still says how many zeros they end with",
		},
	},
	{
		breaks: "an append never overlaps zeros that are on their way (#18.1)",
		file: "src/storage/zeros-ahead.ts",
		find: "(end > this.#stepFrom ? this.#step : undefined)",
		replace: "(end > NOWHERE ? this.#step : undefined)",
		noticedBy: {
			title:
				"an append that catches up with zeros waits for them, and no bytes are written by both at once",
		},
	},
	{
		breaks: "a sync fails with a sync of zeros beside it (#18.1)",
		file: "src/storage/zeros-ahead.ts",
		find: "\t\tif (this.#stepFrom === NOWHERE) {\n\t\t\tawait this.#step;\n\t\t}\n",
		replace: "",
		noticedBy: {
			title:
				"a sync beside a sync of zeros fails with it: the disk tells only one of its error",
		},
	},
	{
		breaks: "zeros that find no room fail no call (#18.1)",
		file: "src/storage/zeros-ahead.ts",
		find: "\t\t\tif (!isNoSpace(error)) {\n\t\t\t\tthrow error;\n\t\t\t}\n\t\t\t// The host",
		replace: "\t\t\tthrow error;\n\t\t\t// The host",
		noticedBy: {
			title:
				"zeros that find no room fail no call: they are cut, and stay off until a write finds room",
		},
	},
	{
		breaks: "a write without room is tried once more without zeros (#18.1)",
		file: "src/storage/zeros-ahead.ts",
		find: "\t\t\tconst isMore = isNoSpace(error) && (await this.#budget.cutAll());",
		replace:
			"\t\t\tconst isMore = isNoSpace(error) && (await this.#budget.cutAll()) && false;",
		noticedBy: {
			title:
				"a write without room cuts all zeros of the store, and is tried once more",
		},
	},
	{
		breaks: "a blob that is dropped with zeros is owed a look (#18.1)",
		file: "src/paged/paged-file.ts",
		find: "\t\tif (isUnsynced || this.#blob.zeros?.mayLeaveZeros) {",
		replace: "\t\tif (isUnsynced) {",
		noticedBy: {
			title:
				"a blob that is dropped with zeros ahead is owed a look, though the store is closed clean",
		},
	},
	{
		breaks: "a bulk load gets no zeros (#18.1)",
		file: "src/storage/zeros-ahead.ts",
		find: "\t\tif (grown > ahead / 2) {\n\t\t\tthis.#growths = 0;",
		replace: "\t\tif (grown > ahead / 2) {\n\t\t\tthis.#growths += 1;",
		noticedBy: {
			title:
				"zeros are written only after as many synced growths as the host says, in a row without a bulk load",
		},
	},
];
