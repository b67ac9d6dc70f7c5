const JUDGED =
	"of thousands of frames each is judged by its own record, and those without one are covered in their slots alone";
const VERDICTS = {
	title:
		"a record counts for the frame that has its slot by that record of the log, or by the snapshot and of an earlier generation; it is lost where its place is past the log's end",
	file: "test/core/record-verdicts.test.ts",
};
const GROWS =
	"in one session a store grows past 98,304 frames, and past twice as many: it finds all, lists them in order, and has them after a crash";
const FREE = "test/core/free-slots.test.ts";

/** The mutants of what packed stores do for all of their frames together. */
export const MANY_FRAME_MUTANTS = [
	{
		breaks: "packed store: a record counts for the GUID that has its slot",
		file: "assembly/manifest/record-verdicts.ts",
		find: "	if (!findMapping(table, guid) || loadResultU64(MAPPED_SLOT) !== slot) {",
		replace: "	if (!findMapping(table, guid)) {",
		noticedBy: {
			title:
				"a record of a GUID that has another slot does not count, nor one of which a bit is flipped, nor zeros",
			file: "test/core/record-verdicts.test.ts",
		},
	},
	{
		breaks: "packed store: a record of the present generation is the log's",
		file: "assembly/manifest/record-verdicts.ts",
		find: "					? generation < snapshot",
		replace: "					? generation <= snapshot",
		noticedBy: VERDICTS,
	},
	{
		breaks: "packed store: a record at the log's end is lost",
		file: "assembly/manifest/record-verdicts.ts",
		find: "position >= logSize;",
		replace: "position > logSize;",
		noticedBy: VERDICTS,
	},
	{
		breaks: "packed store: each piece of records begins at its own slot",
		file: "src/packed/frames/frame-records.ts",
		find: "			const run = { first, count };",
		replace: "			const run = { first: 0, count };",
		noticedBy: { title: JUDGED },
	},
	{
		breaks: "packed store: a frame without a record that counts is unchecked",
		file: "src/packed/frames/slot-checksums.ts",
		find: "				states[slot] = MISSING;\n",
		replace: "",
		noticedBy: { title: JUDGED },
	},
	{
		breaks: "packed store: a far slot that comes to be near keeps its checksum",
		file: "src/packed/frames/slot-checksums.ts",
		find: "				this.#crcs[far] = crc;\n",
		replace: "",
		noticedBy: {
			title:
				"slots that follow one another, each far from the first, become near as they come to be many",
			file: "test/core/slot-checksums.test.ts",
		},
	},
	{
		breaks: "packed store: GUIDs are listed by all of their bits",
		file: "assembly/manifest/guid-order.ts",
		find: "bswap(load<u64>(guid + 8)) > low",
		replace: "bswap(load<u64>(guid + 8)) < low",
		noticedBy: {
			title:
				"GUIDs that differ in their last bit alone, or in their first, are listed in order",
			file: "test/core/guid-order.test.ts",
		},
	},
	{
		breaks: "packed store: a large list of GUIDs is divided by each bit",
		file: "assembly/manifest/guid-order.ts",
		find: "		sort(rest, middle, bit + 1);\n",
		replace: "",
		noticedBy: {
			title:
				"GUIDs are listed in ascending order of their bytes, however many they are, and whichever bits they differ in",
			file: "test/core/guid-order.test.ts",
		},
	},
	{
		breaks: "packed store: two GUIDs in one slot are no marks",
		file: "assembly/manifest/marked-ranges.ts",
		find: "		if ((load<u64>(word) & bit) !== 0) {\n			return false;\n		}\n",
		replace: "",
		noticedBy: {
			title:
				"a slot at or past the next one is refused, and one that two GUIDs have, whichever is the lower first",
			file: FREE,
		},
	},
	{
		breaks: "packed store: the last free range ends before the next slot",
		file: "assembly/manifest/marked-ranges.ts",
		find: "	return next;\n}",
		replace: "	return at;\n}",
		noticedBy: {
			title:
				"the slots that are free are ranges, in ascending order, however many slots they are",
			file: FREE,
		},
	},
	...[
		["src/packed/frames/frame-records.ts", "			await yieldIfDue();\n"],
		[
			"src/packed/manifest/snapshot-reader.ts",
			"		}\n		await yieldIfDue();\n",
			"		}\n",
		],
		["src/packed/fingerprint.ts", "		await yieldIfDue();\n"],
	].map(([file, find, replace = ""]) => ({
		breaks: `packed store: the event loop lives while a large one opens, in ${file}`,
		...{ file, find, replace },
		noticedBy: {
			title:
				"while a store of thousands of frames opens, the event loop has turns between the pieces of its snapshot and of its checksums",
		},
	})),
	...[
		[
			"a manifest that outgrows the store's memory keeps its frames",
			"		core.write(copy, this.#core.bytes(this.#table, bytes));\n",
			"		core.bytes(copy, bytes).fill(0, 4);\n",
			GROWS,
		],
		[
			"a manifest may outgrow the store's memory",
			"		} else if (this.#mayOutgrow) {",
			"		} else if (this.#mayOutgrow && arena.size < 0) {",
			GROWS,
		],
		[
			"a manifest does not outgrow memory that was given",
			"	#mayOutgrow = false;",
			"	#mayOutgrow = true;",
			"a store whose memory was given does not grow past it: the write is refused before any change, and others go on",
		],
	].map(([breaks, find, replace, title]) => ({
		breaks: `packed store: ${breaks}`,
		file: "src/packed/manifest/manifest.ts",
		...{ find, replace, noticedBy: { title } },
	})),
	{
		breaks: "packed store: the event loop lives while a log is replayed",
		file: "src/packed/manifest/log-replay.ts",
		find: "			await yieldIfDue();\n",
		replace: "",
		noticedBy: {
			title:
				"while a long log is replayed, the event loop has turns between its pieces",
		},
	},
];
