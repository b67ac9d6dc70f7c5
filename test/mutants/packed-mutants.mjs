import { MANY_FRAME_MUTANTS } from "./many-frame-mutants.mjs";

/** The mutants of packed stores. */
export const PACKED_MUTANTS = [
	...MANY_FRAME_MUTANTS,
	{
		breaks:
			"packed store: a frame is written before its GUID is found there (holt's D2)",
		file: "src/packed/frames/frame-writes.ts",
		find: "				free.rollBack(placed.map(({ slot }) => slot));\n",
		replace:
			"				this.#changes.put(placed.map((one) => ({ ...one, crc: undefined })));\n",
		noticedBy: {
			title:
				"shadow: a disk that is full when a new frame is to write changes nothing, and the next write and flush work (D2)",
		},
	},
	{
		breaks:
			"packed store: a log that could not be written is as it was (holt's D1)",
		file: "src/packed/manifest/manifest-log.ts",
		find: "					await this.#file.truncate(this.#size);\n",
		replace: "",
		noticedBy: {
			title:
				"a disk that is full after 37 bytes of the log's records is told; the log is as it was, and the next flush says all (D1)",
		},
	},
	{
		breaks:
			"packed store: a slot that was freed is not taken before that is flushed",
		file: "src/packed/manifest/manifest-changes.ts",
		find: "		this.#freed.push(slot);\n",
		replace: "		this.#readers.free([slot]);\n",
		noticedBy: {
			title:
				"a deleted frame's slot is used again only after a flush [deleted_slot_is_reused_only_after_manifest_flush]",
		},
	},
	{
		breaks:
			"packed store: a slot is not taken while its frame is read (holt's D4)",
		file: "src/packed/frames/slot-readers.ts",
		find: "		this.#free(slots.filter((slot) => !isRead(slot)));",
		replace: "		this.#free(slots);",
		noticedBy: {
			title:
				"a slot is not used again while its frame is still read [manifest_flush_drains_old_slot_readers_before_reuse]",
		},
	},
	{
		breaks: "packed store: frames are durable before the log names them",
		file: "src/packed/packed-store.ts",
		find: "			const synced = [this.#writes.sync(), this.#changes.persistChecksums()];\n			throwFirst(await Promise.allSettled(synced));\n			await this.#changes.persist();",
		replace:
			"			await this.#changes.persistChecksums();\n			await this.#changes.persist();\n			await this.#writes.sync();",
		noticedBy: {
			title:
				"frames are durable before the log names them, and so are the names of the files",
		},
	},
	{
		breaks: "packed store: a flush that failed is tried again",
		file: "src/packed/packed-store.ts",
		find: "			await undefined;\n			this.#joinable = undefined;",
		replace: "			this.#joinable = undefined;",
		noticedBy: {
			title:
				"a disk that is full after 0 bytes of the log's records is told; the log is as it was, and the next flush says all (D1)",
		},
	},
	{
		breaks:
			"packed store: records that another process has left are durable before their slots are trusted",
		file: "src/packed/recovery.ts",
		find: "	if (found.size > 0 || snapshotFrames > 0) {",
		replace: "	if (found.size < 0) {",
		noticedBy: {
			title:
				"records that a killed process has left are synced before a slot that they free is written",
		},
	},
	{
		breaks: "packed store: a frame is not leased again while a call has it",
		file: "src/packed/frames/frame-lease.ts",
		find: "		this.#keepers += 1;",
		replace: "		this.#keepers += 0;",
		noticedBy: {
			title:
				"shadow: a frame that is released while it is written is written as it was, and not leased before",
		},
	},
	{
		breaks: "packed store: a flush covers its log",
		file: "src/packed/manifest/manifest-log.ts",
		find: "\t\t\t\t{ path: LOG_PATH },\n\t\t\t\t() => this.#file.sync(),",
		replace: "\t\t\t\t{ path: LOG_PATH },\n\t\t\t\tasync () => undefined,",
		noticedBy: {
			title:
				"frames are durable before the log names them, and so are the names of the files",
		},
	},
	{
		breaks: "packed store: a snapshot is durable before it gets its name",
		file: "src/host/durable-file.ts",
		find: "\t\tawait file.sync();",
		replace:
			"\t\tif (path === TEMPORARY_FILE) {\n\t\t\tawait file.sync();\n\t\t}",
		noticedBy: {
			title:
				"a failed sync while a snapshot is staged is told; what was flushed is flushed, and the next flush stages again",
		},
	},
	{
		breaks:
			"packed store: a snapshot's name is durable before the log is emptied",
		file: "src/packed/manifest/snapshot.ts",
		find: '\t\t\tawait host.syncDirectory("");',
		replace: '\t\t\tawait host.list("");',
		noticedBy: {
			title:
				"a snapshot whose syncDirectory fails is told, latches the store, and loses nothing",
		},
	},
	{
		breaks:
			"packed store: a frame's checksum is durable before the log names the frame",
		file: "src/packed/manifest/manifest-changes.ts",
		find: "\t\t\tawait checksums.write(this.#deltas, log.size);\n\t\t\tawait checksums.sync();",
		replace: "\t\t\tawait checksums.write(this.#deltas, log.size);",
		noticedBy: {
			title:
				"a failed sync of the checksums refuses what would change the store, while reads go on, until it is opened anew (D9)",
		},
	},
	{
		breaks:
			"packed store: blobs.dat has its name durably before the log names a frame in it",
		file: "src/packed/manifest/manifest-log.ts",
		find: "\t\tawait this.#nameDurably();\n\t\tconst end = await this.#undoing(() => this.#write(deltas));",
		replace:
			"\t\tconst end = await this.#undoing(() => this.#write(deltas));\n\t\tawait this.#nameDurably();",
		noticedBy: {
			title:
				"frames are durable before the log names them, and so are the names of the files",
		},
	},
	{
		breaks:
			"packed store: no checksum of before counts in a frames.crc that is begun anew",
		file: "src/packed/frames/frame-records.ts",
		find: "\t\tawait this.#file.truncate(0);\n\t\tawait this.sync();\n",
		replace: "\t\tawait this.#file.truncate(0);\n",
		noticedBy: {
			title:
				"a frames.crc that is begun anew is empty, durably, before it has a stamp",
		},
	},
	{
		breaks: "packed store: a log that two snapshots fold up is one generation",
		file: "src/packed/frames/frame-checksums.ts",
		find: "\t\tconst { log, stamp } = this.#generation;\n\t\treturn { snapshot: log + 1, log: log + 1,",
		replace:
			"\t\tconst { snapshot: log, stamp } = this.#generation;\n\t\treturn { snapshot: log + 1, log: log + 1,",
		noticedBy: {
			title:
				"frames stay covered, however often the power goes between a snapshot and the emptying of the log",
		},
	},
	{
		breaks: "packed store: a frame is zeroed when its delete is durable",
		file: "src/packed/manifest/manifest-changes.ts",
		find: "\t\t\tawait log.append(this.#deltas);\n\t\t\tthis.#deltas = [];\n\t\t\tthis.#readers.free(this.#freed);",
		replace:
			"\t\t\tthis.#readers.free(this.#freed);\n\t\t\tawait erasure?.run();\n\t\t\tawait log.append(this.#deltas);\n\t\t\tthis.#deltas = [];",
		noticedBy: {
			title:
				"with erase a frame is overwritten when the log says durably that it is gone, and durably before its slot is used again",
		},
	},
	{
		breaks: "packed store: a frame that is read is not zeroed",
		file: "src/packed/packed-store.ts",
		find: "\t\t\tawait this.#reads.ended();\n\t\t\tawait this.#flush();",
		replace: "\t\t\tawait this.#flush();\n\t\t\tawait this.#reads.ended();",
		noticedBy: {
			title:
				"with erase a frame that is read is erased when its reader has ended, by the next close",
		},
	},
	{
		breaks:
			"packed store: the stamp of the snapshot that is there is not overwritten",
		file: "src/packed/frames/frame-checksums.ts",
		find: "stamp: (stamp + 1) % STAMPS };",
		replace: "stamp };",
		noticedBy: {
			title:
				"a snapshot that never got its name raises no alarm for one that is the same, of frames that somebody else has overwritten",
		},
	},
	{
		breaks:
			"packed store: the checksum of a flush that the log has lost is forgotten",
		file: "src/packed/frames/frame-checksums.ts",
		find: "\t\tif (lost.length > 0) {",
		replace: "\t\tif (lost.length > bytes.length) {",
		noticedBy: {
			title:
				"a flush that the log has lost, to a slot that was free, raises no alarm for what somebody else then writes there",
		},
	},
	{
		breaks: "packed store: a snapshot that never got its name is forgotten",
		file: "src/packed/frames/open-checksums.ts",
		find: "				own !== undefined &&",
		replace: "				own === undefined &&",
		noticedBy: {
			title:
				"a snapshot that never got its name raises no alarm for one that is the same, of frames that somebody else has overwritten",
		},
	},
	{
		breaks: "packed: the last of many frames is checked",
		file: "src/turns/fan-out.ts",
		find: "		}\n		rest();\n	};",
		replace: "		}\n	};",
		noticedBy: {
			title: "frames are read together, each into its own target",
		},
	},
];
