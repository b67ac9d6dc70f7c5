/** The mutants of the seam: late callers, links, a lock that is another's by now. */
export const SEAM_MUTANTS = [
	{
		breaks: "a call that comes after a file's close is refused (#16.2)",
		file: "src/host/open-state.ts",
		find: '			throw failure("EBADF", "the file is closed");',
		replace: "",
		noticedBy: {
			title:
				"write: a call that comes after the close is EBADF, and reaches no file that was opened since",
		},
	},
	{
		breaks: "a lock is released once, however often that is asked (#16.2)",
		file: "src/host/open-state.ts",
		find: "		if (!this.#isClosed) {",
		replace: "		{",
		noticedBy: {
			title:
				"a lock of the store that is released again leaves the next holder's, and every file",
		},
	},
	{
		breaks: "a core is used again where nobody has a view of it (#16.2)",
		file: "src/core/idle-memories.ts",
		find: "	const isNobodys = detachViews(exports);",
		replace: "	const isNobodys = detachViews !== undefined;",
		noticedBy: {
			title:
				"a core that is used again holds nothing of its last user, who has no view of it",
			file: "test/core/idle-cores.test.ts",
		},
	},
	{
		breaks: "what a core held of its last user is zeroed (#16.2)",
		file: "src/core/idle-memories.ts",
		find: "	whole.fill(0, exports.heapBase() >>> 0, end);",
		replace: "",
		noticedBy: {
			title:
				"a core that is used again holds nothing of its last user, who has no view of it",
			file: "test/core/idle-cores.test.ts",
		},
	},
	{
		breaks: "no file is opened through a link (#16.1)",
		file: "hosts/posix/plain-files.ts",
		find: "const PLAIN = constants.O_NONBLOCK | (constants.O_NOFOLLOW ?? 0);",
		replace: "const PLAIN = constants.O_NONBLOCK;",
		noticedBy: {
			title: "a blob that is a link is not opened",
			file: "test/node/links.test.ts",
		},
	},
	{
		breaks: "a partition that is a link is refused (#16.1)",
		file: "hosts/posix/partition-links.ts",
		find: "		if (entry?.isSymbolicLink() && !isFollowed) {",
		replace: "		if (entry === undefined && isFollowed) {",
		noticedBy: {
			title:
				"a partition that is a link is refused by who opens, scans and exports it",
			file: "test/node/links.test.ts",
		},
	},
	{
		breaks: "a browser's store changes nothing once its lock is stolen (#16.7)",
		file: "hosts/opfs/ownership.ts",
		find: "			if (aborted) {",
		replace: "			if (aborted && reason === undefined) {",
		noticedBy: {
			title:
				"a store whose lock is stolen changes nothing any more, and says ERR_OWNER_LOST until it is closed and opened again",
			file: "test/browser/rows-in-worker.test.ts",
		},
	},
];
