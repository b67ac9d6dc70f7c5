/** The mutants of what a clean close leaves, and of what others have changed since. */
export const LEFT_MUTANTS = [
	{
		breaks:
			"what a clean close leaves is durable before the marker goes (#15.14)",
		file: "src/storage/store-end.ts",
		find: "			this.#tellUnless(await left.write(isDurable), RECORD_FILE);\n			const blobs = await this.#blobsOwed();\n			this.#tellUnless(await marker.lower(blobs), MARKER_FILE);",
		replace:
			"			const blobs = await this.#blobsOwed();\n			this.#tellUnless(await marker.lower(blobs), MARKER_FILE);\n			this.#tellUnless(await left.write(isDurable), RECORD_FILE);",
		noticedBy: {
			title:
				"dualslot.closed is durable before dualslot.open is removed, and is not written again for nothing",
		},
	},
	{
		breaks: "what a clean close left counts only where no marker is (#15.14)",
		file: "src/storage/own-files/left-files.ts",
		find: "		if (found !== undefined && !options.foundMarker) {",
		replace: "		if (found !== undefined) {",
		noticedBy: {
			title:
				"of paged blobs, two files that were swapped after a crash are not told",
		},
	},
	{
		breaks: "a file whose last bytes are others is told (#15.14)",
		file: "src/storage/own-files/left-files.ts",
		find: "			if (bytes === undefined || !isHexOf(as?.end, bytes)) {",
		replace: "			if (bytes === undefined) {",
		noticedBy: {
			title:
				"of paged blobs, two files of equal sizes that were swapped is told",
		},
	},
	{
		breaks: "a file that was changed is written down as it is now (#15.14)",
		file: "src/storage/own-files/left-files.ts",
		find: "		const isAsKnown = !open.isChanged && known?.as !== undefined;",
		replace: "		const isAsKnown = known?.as !== undefined;",
		noticedBy: {
			title:
				"of paged blobs, a file of an earlier session that was put back is told",
		},
	},
	{
		breaks: "a name that a session has removed is not missing (#15.14)",
		file: "src/storage/partitions.ts",
		find: "		this.#left.removed(path);",
		replace: "",
		noticedBy: {
			title:
				"a blob that a session removes is not missing in the next one, beside those that it leaves",
		},
	},
	{
		breaks:
			"packed store: what a close left is removed before the first change of a file (#15.14)",
		file: "src/packed/watched-host.ts",
		find: "	changes.count += 1;\n	return before();",
		replace: "	changes.count += 1;\n	return undefined;",
		noticedBy: {
			title:
				"dualslot.closed of a packed store is removed, durably, before the first change of a file",
		},
	},
	{
		breaks:
			"packed store: the removal of what a close left is durable before the change (#15.14)",
		file: "src/packed/left-by-close.ts",
		find: '		await poison.latching("sync of the directory", () =>\n			failingAs("ERR_IO", message, place, () => host.syncDirectory("")),\n		);\n',
		replace: "",
		noticedBy: {
			title:
				"dualslot.closed of a packed store is removed, durably, before the first change of a file",
		},
	},
	{
		breaks:
			"packed store: what is written down of files that a crash has left is durable (#15.14)",
		file: "src/packed/left-by-close.ts",
		find: "		await this.#settle(isAsFound ? this.#unsynced(changed) : PATHS);\n",
		replace: "",
		noticedBy: {
			title:
				"what a session that did not end has left is synced before a dualslot.closed tells of it",
		},
	},
	{
		breaks: "packed store: blobs.dat of an earlier time is told (#15.14)",
		file: "src/packed/left-by-close.ts",
		find: "		if (end !== row.end) {",
		replace: "		if (end === undefined) {",
		noticedBy: {
			title:
				"of a store written shadow, blobs.dat of an earlier session that is put back is told",
		},
	},
	{
		breaks:
			"packed store: a file that a session makes is one that it changes (#15.14)",
		file: "src/packed/watched-host.ts",
		find: "		if (changes !== undefined && isMade) {",
		replace: "		if (changes === undefined && isMade) {",
		noticedBy: {
			title: "of a packed store, all that another store has is told",
		},
	},
	{
		breaks: "a close goes on where there is no room for its record (#15.14)",
		file: "src/host/durable-file.ts",
		find: "		if (!isNoSpace(error)) {",
		replace: "		if (error !== undefined) {",
		noticedBy: {
			title:
				"a store closes where the disk has no room for dualslot.closed, and the next report says that nothing is compared",
		},
	},
	{
		breaks: "a record that there is no room to replace is removed (#15.14)",
		file: "src/storage/own-files/own-file.ts",
		find: "			await this.removeDurably();\n",
		replace: "",
		noticedBy: {
			title:
				"a store closes where the disk has no room for dualslot.closed, and the next report says that nothing is compared",
		},
	},
];
