/** The mutants of packed stores. */
export const PACKED_MUTANTS = [
	{
		breaks:
			"packed store: a frame is written before its GUID is found there (holt's D2)",
		file: "src/packed/frame-writes.ts",
		find: "				free.rollBack(placed.map(({ slot }) => slot));\n",
		replace:
			"				this.#changes.put(placed.map((one) => ({ ...one, crc: undefined })));\n",
	},
	{
		breaks:
			"packed store: a log that could not be written is as it was (holt's D1)",
		file: "src/packed/manifest-log.ts",
		find: "					await this.#file.truncate(this.#size);\n",
		replace: "",
	},
	{
		breaks:
			"packed store: a slot that was freed is not taken before that is flushed",
		file: "src/packed/manifest-changes.ts",
		find: "		this.#freed.push(slot);\n",
		replace: "		this.#readers.free([slot]);\n",
	},
	{
		breaks:
			"packed store: a slot is not taken while its frame is read (holt's D4)",
		file: "src/packed/slot-readers.ts",
		find: "		this.#free(slots.filter((slot) => !isRead(slot)));",
		replace: "		this.#free(slots);",
	},
	{
		breaks: "packed store: frames are durable before the log names them",
		file: "src/packed/packed-store.ts",
		find: "			await bothEnded(this.#writes.sync(), this.#changes.persistChecksums());\n			await this.#changes.persist();",
		replace:
			"			await bothEnded(Promise.resolve(), this.#changes.persistChecksums());\n			await this.#changes.persist();\n			await this.#writes.sync();",
	},
	{
		breaks: "packed store: a flush that failed is tried again",
		file: "src/packed/packed-store.ts",
		find: "			await undefined;\n			this.#joinable = undefined;",
		replace: "			this.#joinable = undefined;",
	},
	{
		breaks:
			"packed store: records that another process has left are durable before their slots are trusted",
		file: "src/packed/packed-recovery.ts",
		find: "	if (found.size > 0 || snapshotFrames > 0) {",
		replace: "	if (found.size < 0) {",
	},
	{
		breaks: "packed store: a frame is not leased again while a call has it",
		file: "src/packed/frame.ts",
		find: "		this.#keepers += 1;",
		replace: "		this.#keepers += 0;",
	},
	{
		breaks: "packed store: a flush covers its log",
		file: "src/packed/manifest-log.ts",
		find: "\t\t\t\t{ path: LOG_PATH },\n\t\t\t\t() => this.#file.sync(),",
		replace: "\t\t\t\t{ path: LOG_PATH },\n\t\t\t\tasync () => undefined,",
	},
	{
		breaks: "packed store: a snapshot is durable before it gets its name",
		file: "src/durable-file.ts",
		find: "\t\tawait file.sync();",
		replace:
			"\t\tif (path === TEMPORARY_FILE) {\n\t\t\tawait file.sync();\n\t\t}",
	},
	{
		breaks:
			"packed store: a snapshot's name is durable before the log is emptied",
		file: "src/packed/snapshot.ts",
		find: '\t\t\tawait host.syncDirectory("");',
		replace: '\t\t\tawait host.list("");',
	},
	{
		breaks:
			"packed store: a frame's checksum is durable before the log names the frame",
		file: "src/packed/manifest-changes.ts",
		find: "\t\t\tawait checksums.write(this.#deltas, log.size);\n\t\t\tawait checksums.sync();",
		replace: "\t\t\tawait checksums.write(this.#deltas, log.size);",
	},
	{
		breaks:
			"packed store: blobs.dat has its name durably before the log names a frame in it",
		file: "src/packed/manifest-log.ts",
		find: "\t\tawait this.#nameDurably();\n\t\tconst end = await this.#undoing(() => this.#write(deltas));",
		replace:
			"\t\tconst end = await this.#undoing(() => this.#write(deltas));\n\t\tawait this.#nameDurably();",
	},
	{
		breaks:
			"packed store: no checksum of before counts in a frames.crc that is begun anew",
		file: "src/packed/frame-checksums.ts",
		find: "\t\tawait this.#file.truncate(0);\n\t\t// No record of before may count under the stamp that follows.\n\t\tawait this.sync();\n",
		replace: "\t\tawait this.#file.truncate(0);\n",
	},
	{
		breaks: "packed store: a log that two snapshots fold up is one generation",
		file: "src/packed/frame-checksums.ts",
		find: "\t\tconst { log, stamp } = this.#generation;\n\t\treturn { snapshot: log + 1, log: log + 1,",
		replace:
			"\t\tconst { snapshot: log, stamp } = this.#generation;\n\t\treturn { snapshot: log + 1, log: log + 1,",
	},
	{
		breaks:
			"packed store: the stamp of the snapshot that is there is not overwritten",
		file: "src/packed/frame-checksums.ts",
		find: "stamp: (stamp + 1) % STAMPS };",
		replace: "stamp };",
	},
	{
		breaks:
			"packed store: the checksum of a flush that the log has lost is forgotten",
		file: "src/packed/frame-checksums.ts",
		find: "\t\tif (lost.length > 0) {",
		replace: "\t\tif (lost.length > bytes.length) {",
	},
	{
		breaks: "packed store: a snapshot that never got its name is forgotten",
		file: "src/packed/open-checksums.ts",
		find: "				own !== undefined &&",
		replace: "				own === undefined &&",
	},
	{
		breaks: "packed: the last of many frames is checked",
		file: "src/fan-out.ts",
		find: "		}\n		rest();\n	};",
		replace: "		}\n	};",
	},
];
