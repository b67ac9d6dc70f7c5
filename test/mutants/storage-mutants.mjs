/** As MUTANTS, of hosts' answers, names, own files, owners and raw blobs. */
export const STORAGE_MUTANTS = [
	{
		breaks: "a live owner's marker is no crash's",
		file: "src/storage/open.ts",
		find: 'marker.foundCrash && owner !== "live"',
		replace: "marker.foundCrash",
		noticedBy: {
			title:
				"a reader beside a live owner finds no crash, in the store, in a blob or in a journal, and hears of none",
		},
	},
	{
		breaks: "an owner that closes while it is asked for has not crashed",
		file: "src/storage/open.ts",
		find: 'first.marker.isFound && first.owner === "none" ? look() : first',
		replace: "first",
		noticedBy: {
			title:
				"an owner that closes just when a reader asks for it has not crashed",
		},
	},
	{
		breaks: "the sync of a raw blob waits for its writes (#15.15)",
		file: "src/storage/blob.ts",
		find: "				changes.size === 0 ? [] : await Promise.allSettled(changes);",
		replace:
			"				changes.size < 0 ? await Promise.allSettled(changes) : [];",
		noticedBy: {
			title:
				"a sync of a blob begins when the writes and resizes that were called before it have ended",
		},
	},
	{
		breaks: "an export syncs what a handle was given before it (#15.15)",
		file: "src/storage/blob.ts",
		find: "		if (this.#open.isDirty && !this.#isClosed) {\n			await this.sync();\n		}\n",
		replace: "",
		noticedBy: {
			title:
				"an export has what was appended to a blob's handle before it and not awaited",
		},
	},
	{
		breaks: "a failed sync is never trusted again",
		file: "src/host/latch.ts",
		find: '		await this.#latching("sync", () => this.#file.sync());',
		replace: "		await this.#file.sync();",
		noticedBy: {
			title:
				"a failed sync is reported with its cause, and refuses all mutations until the blob is opened anew [test_blob_sync_reports_kernel_error]",
		},
	},
	{
		breaks: "a count that is none of what was asked is a failed write (#15.10)",
		file: "src/host/answers.ts",
		find: "	const count = isCount(answer, asked) ? answer : 0;",
		replace: "	const count = answer === 0 ? 0 : asked;",
		noticedBy: {
			title: "a write of 8 bytes that comes to 4294967288 found no room",
			file: "test/node/platform-counts.test.ts",
		},
	},
	{
		breaks: "a write that took nothing found no room (#15.10)",
		file: "src/host/answers.ts",
		find: "		throw noRoom(`of ",
		replace: '		throw failure("EIO", `of ',
		noticedBy: {
			title: "a write of 8 bytes that comes to 0 found no room",
			file: "test/node/platform-counts.test.ts",
		},
	},
	{
		breaks: "a read finds no more than was asked (#15.10)",
		file: "src/host/answers.ts",
		find: "	if (!isCount(answer, asked)) {",
		replace: "	if (!(answer >= 0)) {",
		noticedBy: {
			title:
				"a read of 5 bytes that is said to have found 4294967288 has failed, and gives none",
		},
	},
	{
		breaks: "an extension that found no room is undone (#15.10)",
		file: "src/host/latch.ts",
		find: "		const overlap = size > before ? new Uint8Array() : undefined;",
		replace:
			"		const overlap = size < before ? new Uint8Array() : undefined;",
		noticedBy: {
			title:
				"an extension that found the disk full is undone, and refuses nothing after it",
		},
	},
	{
		breaks: "a write is undone only where no other was under way (#15.10)",
		file: "src/host/latch.ts",
		find: "isNoSpace(error) && wasAlone() &&",
		replace: "isNoSpace(error) &&",
		noticedBy: {
			title:
				"a write that found the disk full takes nothing from one that was under way beside it",
		},
	},
	{
		breaks: "a sync that found no room is a failed sync",
		file: "src/errors.ts",
		find: 'isNoSpace(error) && code !== "ERR_BLOB_SYNC_FAILED" ?',
		replace: "isNoSpace(error) ?",
		noticedBy: {
			title:
				"a sync that found the disk full has lost what it was to make durable, and refuses all mutations",
		},
	},
	{
		breaks: "a new name is durable before the blob is",
		file: "src/host/durable-file.ts",
		find: "		await host.syncDirectory(directory);",
		replace: "		await host.list(directory);",
		noticedBy: {
			title:
				"a blob whose creation failed when the partition's directory was synced is durable once the same session has synced it",
		},
	},
	{
		breaks: "a file's bytes are durable before it gets its name",
		file: "src/host/durable-file.ts",
		find: "		await file.sync();",
		replace: "",
		noticedBy: {
			title: "a blob, and each own file, is durable before it gets its name",
		},
	},
	{
		breaks: "a name that was found is durable before it is trusted",
		file: "src/storage/partitions.ts",
		find: "		if (!this.#durable.has(partition)) {\n			await this.#sync(partition);",
		replace: "		if (!this.#durable.has(partition)) {",
		noticedBy: {
			title:
				"a blob whose creation died before the partition's directory was synced is durable once the next session has synced it",
		},
	},
	{
		breaks: "a removal is durable when it resolves",
		file: "src/storage/partitions.ts",
		find: "		await this.#changingNames(partition, () => this.#sync(partition));",
		replace: "",
		noticedBy: {
			title:
				"a removal that was not made durable is made so when it is called again",
		},
	},
	{
		breaks: "the marker is durable before the first mutation",
		file: "src/storage/open.ts",
		find: "	await marker.raise(zeros?.ahead ?? 0);",
		replace: "",
		noticedBy: {
			title: "dualslot.open is durable before the first mutation of a store",
		},
	},
	{
		breaks: "a partition has one owner at a time (#15.1)",
		file: "src/storage/owners.ts",
		find: "				if (other !== owner && !isFine(other)) {",
		replace:
			"				if (other.over !== undefined && other !== owner && !isFine(other)) {",
		noticedBy: {
			title:
				"beside a FixedJournal no other owner opens, and all that it was given is found",
		},
	},
	{
		breaks: "an open waits for who is letting go (#15.2)",
		file: "src/storage/owners.ts",
		find: "			await other.over;\n",
		replace: "			this.remove(other);\n",
		noticedBy: {
			title:
				"an open that comes while a Glob closes is done when that has synced",
		},
	},
	{
		breaks: "a store waits for the opens of blobs' handles (#15.3)",
		file: "src/storage/store-end.ts",
		find: "		await owners.settle();\n		await turn.run(async () => undefined);\n",
		replace: "",
		noticedBy: {
			title:
				"of a store that is closed while a blob's handle opens nothing works on, and the memory is the next store's",
		},
	},
	{
		// That a store waits for its opens cannot be broken in one place: each owner of a blob waits for them too.
		breaks: "nothing that a store gave out works after it (#15.3)",
		file: "src/paged/paged-file.ts",
		find: "			storage.register(paged);\n",
		replace: "",
		noticedBy: {
			title:
				"of a store that is closed while a PagedBlob opens nothing works on, and the memory is the next store's",
		},
	},
	{
		breaks: "other realms: their bytes are bytes (#15.19)",
		file: "src/checks.ts",
		find: '	return ArrayBuffer.isView(value) && nameOf(value) === "Uint8Array";',
		replace: "	return value instanceof Uint8Array;",
		noticedBy: {
			title:
				"bytes of another realm name a blob, and are written and appended to it",
		},
	},
	{
		breaks: "other realms: their errors say that there is no room (#15.19)",
		file: "src/errors.ts",
		find: '	return propertyOf(error, "code") ?? propertyOf(error, "name");',
		replace:
			'	return error instanceof Error ? propertyOf(error, "code") : undefined;',
		noticedBy: {
			title:
				"a write for which an error of another realm tells no room is undone",
		},
	},
	{
		breaks: "an open that is refused takes no memory (#15.7)",
		file: "src/storage/open.ts",
		find: "	const lock = await takeLock(host, options.wait ?? false);",
		replace:
			"	await Core.load(MEMORY_DEFAULT);\n	const lock = await takeLock(host, options.wait ?? false);",
		noticedBy: {
			title:
				"a store that is open elsewhere is refused before memory is taken for it",
		},
	},
	{
		breaks: "an open that fails lets go of all that it holds",
		file: "src/turns/lifecycle.ts",
		find: "		() => letGo(held),",
		replace: "		() => letGo(held.slice(0, 1)),",
		noticedBy: {
			title:
				"an open of a store that fails at any call of the host keeps no file, no lock and no core",
		},
	},
	{
		breaks: "what fails first is told, and not what is let go after it",
		file: "src/turns/endings.ts",
		find: "		await endingAll([end]).catch(() => undefined);",
		replace: "		await endingAll([end]);",
		noticedBy: {
			title:
				"where a file is not made whole, and does not close, the first failure is told",
		},
	},
	{
		breaks: "others in the event loop have their turn (#15.21)",
		file: "src/turns/event-loop.ts",
		find: "const WORK_MAX = 5;",
		replace: "const WORK_MAX = 500_000;",
		noticedBy: {
			title:
				"a message that waits comes before appends and syncs that follow one another are done",
		},
	},
];
