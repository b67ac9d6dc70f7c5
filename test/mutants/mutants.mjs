import { LEFT_MUTANTS } from "./left-mutants.mjs";
import { MEMORY_MUTANTS } from "./memory-mutants.mjs";
import { PACKED_MUTANTS } from "./packed-mutants.mjs";
import { RING_MUTANTS } from "./ring-mutants.mjs";
import { TORN_MUTANTS } from "./torn-mutants.mjs";

/**
 * Rules of the engine, each broken in one place: the text that stands in a file exactly once, and what takes its place.
 * The power cuts or the suites must notice every one of them.
 */
export const MUTANTS = [
	{
		breaks: "a sync covers what was flushed",
		file: "src/page-flush.ts",
		find: "		await this.#flush({ withRest: true, isSync: true });\n		await this.#durability.cover(this.#durability.ticket);",
		replace: "		await this.#flush({ withRest: true, isSync: true });",
	},
	{
		breaks: "a sync covers appends that wait",
		file: "src/paged-blob.ts",
		find: "		return this.#appends.isFree ? sync() : this.#appends.done().then(sync);",
		replace: "		return sync();",
	},
	{
		breaks: "a journal's sync covers appends that wait",
		file: "src/journal/journal.ts",
		find: "			await this.#sections.appended(section);",
		replace: "",
	},
	{
		breaks: "nothing is appended behind an append that failed",
		file: "src/append-queue.ts",
		find: "body() : this.#last.then(body);",
		replace: "body() : this.#last.then(body, body);",
	},
	{
		breaks: "the sync of a raw blob waits for its writes",
		file: "src/blob.ts",
		find: "				changes.size === 0 ? [] : await Promise.allSettled(changes);",
		replace:
			"				changes.size < 0 ? await Promise.allSettled(changes) : [];",
	},
	{
		breaks: "a page's data is written before the slot that vouches for it",
		file: "src/page-flush.ts",
		find: "		await this.#durability.write(base + start, bytes);\n		if (second !== undefined) {\n			const [from, to] = second;\n			await this.#durability.write(base + from, this.#tip.physical(from, to));\n		}",
		replace:
			"		if (second !== undefined) {\n			const [from, to] = second;\n			await this.#durability.write(base + from, this.#tip.physical(from, to));\n			await this.#durability.sync();\n		}\n		await this.#durability.write(base + start, bytes);",
	},
	{
		breaks: "the slot that counts is left alone",
		file: "src/page-flush.ts",
		find: "			slot: isRewrite && kept.slot === 1 ? 2 : 1,",
		replace: "			slot: isRewrite && kept.slot === 1 ? 1 : 1,",
	},
	{
		breaks: "no sync joins one that has begun",
		file: "src/joined-sync.ts",
		find: "			this.#joinable = undefined;\n			await this.#step();",
		replace: "			await this.#step();",
	},
	{
		breaks: "a host sync covers only what was handed over before it began",
		file: "src/durability.ts",
		find: "			await step;\n			this.#covered = ticket;",
		replace:
			"			await step;\n			this.#covered = this.#mutations + Math.min(ticket, 0);",
	},
	{
		breaks: "a failed sync is never trusted again",
		file: "src/latch.ts",
		find: '		await this.#latching("sync", () => this.#file.sync());',
		replace: "		await this.#file.sync();",
	},
	{
		breaks: "a count that is none of what was asked is a failed write",
		file: "src/host-answers.ts",
		find: "	const count = isCount(answer, asked) ? answer : 0;",
		replace: "	const count = answer === 0 ? 0 : asked;",
	},
	{
		breaks: "a write that took nothing found no room",
		file: "src/host-answers.ts",
		find: "		throw noRoom(`of ",
		replace: '		throw failure("EIO", `of ',
	},
	{
		breaks: "a read finds no more than was asked",
		file: "src/host-answers.ts",
		find: "	if (!isCount(answer, asked)) {",
		replace: "	if (!(answer >= 0)) {",
	},
	{
		breaks: "an extension that found no room is undone",
		file: "src/latch.ts",
		find: "			const overlap = size > this.#size ? new Uint8Array() : undefined;",
		replace:
			"			const overlap = size < this.#size ? new Uint8Array() : undefined;",
	},
	{
		breaks: "a sync that found no room is a failed sync",
		file: "src/errors.ts",
		find: 'isNoSpace(error) && code !== "ERR_BLOB_SYNC_FAILED" ?',
		replace: "isNoSpace(error) ?",
	},
	{
		breaks: "a new name is durable before the blob is",
		file: "src/durable-file.ts",
		find: "		await host.syncDirectory(directory);",
		replace: "		await host.list(directory);",
	},
	{
		breaks: "a file's bytes are durable before it gets its name",
		file: "src/durable-file.ts",
		find: "		await file.sync();",
		replace: "",
	},
	{
		breaks: "a name that was found is durable before it is trusted",
		file: "src/partitions.ts",
		find: "		if (!this.#durable.has(partition)) {\n			await this.#sync(partition);",
		replace: "		if (!this.#durable.has(partition)) {",
	},
	{
		breaks: "a removal is durable when it resolves",
		file: "src/partitions.ts",
		find: "		await this.#changingNames(partition, () => this.#sync(partition));",
		replace: "",
	},
	{
		breaks: "the last durable slot is not overwritten (#4546)",
		file: "src/page-flush.ts",
		find: "		if (kept?.isSecond || kept?.otherIsAtRisk) {",
		replace: "		if (kept?.otherIsAtRisk) {",
	},
	{
		breaks: "a truncation is durable before the next write (#4688)",
		file: "src/page-flush.ts",
		find: "		if (durability.isTruncated) {",
		replace: "		if (durability.isTruncated && count < 0) {",
	},
	{
		breaks: "a retired slot that could be revived is zeroed (#4339)",
		file: "src/page-flush.ts",
		find: "		if (kept?.otherIsAtRisk) {\n			const other",
		replace: "		if (kept?.otherIsAtRisk && count < 0) {\n			const other",
	},
	{
		breaks: "what recovery cuts is cut from the file",
		file: "src/page-recovery.ts",
		find: "		await this.#blob.resize(end);\n",
		replace: "",
	},
	{
		breaks: "a shrink begins with a sync",
		file: "src/paged-blob.ts",
		find: "			await this.#flush.sync();\n			await this.#flush.shrink(size, this.#pages);",
		replace:
			"			await this.#flush.flushAll();\n			await this.#flush.shrink(size, this.#pages);",
	},
	{
		breaks: "the old length goes last in a shrink",
		file: "src/page-flush.ts",
		find: "		await durability.writeSync(base + newSlotOffset, stages.lengthStage);\n		await durability.writeSync(base + oldSlotOffset, stages.retireStage);",
		replace:
			"		await durability.writeSync(base + oldSlotOffset, stages.retireStage);\n		await durability.writeSync(base + newSlotOffset, stages.lengthStage);",
	},
	{
		breaks: "each step of a shrink is durable before the next",
		file: "src/page-flush.ts",
		find: "		await durability.writeSync(base + newSlotOffset, stages.lengthStage);",
		replace:
			"		await durability.write(base + newSlotOffset, stages.lengthStage);",
	},
	{
		breaks: "the marker is durable before the first mutation",
		file: "src/storage-parts.ts",
		find: "	await marker.raise();",
		replace: "",
	},
	{
		breaks: "unsynced bytes stay within the window",
		file: "src/durability.ts",
		find: "		while (this.#written - this.#durable + bytes > UNSYNCED_WINDOW) {",
		replace:
			"		while (this.#written - this.#durable + bytes > UNSYNCED_WINDOW * 1e6) {",
	},
	{
		breaks: "a slot counts only with its checksum",
		file: "assembly/slot.ts",
		find: "	return crc32c(page, length, 0) === slotCrc(slot) ? SLOT_VALID : SLOT_MISMATCH;",
		replace:
			"	return crc32c(page, length, 0) === slotCrc(slot) ? SLOT_VALID : SLOT_VALID;",
	},
	{
		breaks: "the protected slot is written around",
		file: "assembly/plan.ts",
		find: "		return planTwo(committed, pageSize, secondSlot, end);",
		replace: "		return planOne(committed, end);",
	},
	{
		breaks: "what recovery adopted is not durable until it is synced (#3940)",
		file: "src/durability.ts",
		find: "		this.#covered = isSynced ? FOUND : 0;",
		replace: "		this.#covered = FOUND;",
	},
	{
		breaks: "nothing that a CRC-32C left in its scratch reaches the next",
		file: "assembly/hybrid-castagnoli.ts",
		find: "	clear(RING, ROUND);\n",
		replace: "",
	},
	{
		breaks: "nothing that a CRC-32 left in its scratch reaches the next",
		file: "assembly/hybrid-iso.ts",
		find: "	clearRing();\n",
		replace: "",
	},
	{
		breaks: "after the last quotient of a CRC-32C there are zeros",
		file: "assembly/hybrid-castagnoli.ts",
		find: "	clear(RING + ROUND, 64);\n",
		replace: "	clear(RING + ROUND, 48);\n",
	},
	{
		breaks: "after the last quotient of a CRC-32 there are zeros",
		file: "assembly/hybrid-iso.ts",
		find: "	v128.store(RING, NO, ROUND);\n",
		replace: "",
	},
	{
		breaks: "what came before a message is carried into its first bytes only",
		file: "assembly/hybrid-castagnoli.ts",
		find: "		carried = NO;\n",
		replace: "",
	},
	{
		breaks: "a divisor is a multiple of its polynomial",
		file: "assembly/hybrid-castagnoli.ts",
		find: "ROUND - 198)",
		replace: "ROUND - 197)",
	},
	{
		breaks: "what a ring leaves of a message is not lost",
		file: "assembly/hybrid-iso.ts",
		find: "	return afterWindowIso(0, RING, left);",
		replace: "	return afterWindowIso(0, RING, ROUND);",
	},
	{
		breaks: "journal: entries wait for their values (#4260)",
		file: "src/journal/oversized-sections.ts",
		find: "		const beforeWrite = () => values.syncAppended();",
		replace: "		const beforeWrite = async () => undefined;",
	},
	{
		breaks: "journal: the last value is whole, not only there (#4260)",
		file: "src/journal/oversized-recovery.ts",
		find: "			if (await values?.isWhole(found)) {",
		replace: "			if (values !== undefined) {",
	},
	{
		breaks: "journal: an error of the host says nothing of a value (#4260)",
		file: "src/journal/oversized-recovery.ts",
		find: "			if (await values?.isWhole(found)) {",
		replace: "			if (await values?.isWhole(found).catch(() => false)) {",
	},
	{
		breaks: "journal: a repair of entries is made, durably (#4260)",
		file: "src/journal/oversized-recovery.ts",
		find: "			await open.cut(size);",
		replace: "			open.hideFrom(size);",
	},
	{
		breaks: "journal: a repair of entries is durable (#4260)",
		file: "src/journal/pages-section.ts",
		find: "			await this.paged.resize(size);\n			await this.paged.sync();",
		replace: "			await this.paged.resize(size);",
	},
	{
		breaks: "journal: values without entries are cut at open",
		file: "src/journal/oversized-recovery.ts",
		find: "			await this.#values.cut(end);",
		replace: "",
	},
	{
		breaks: "journal: a rewind cuts entries before values",
		file: "src/journal/oversized-section.ts",
		find: "			await this.cut(size);\n			await this.values.cut(end);",
		replace: "			await this.values.cut(end);\n			await this.cut(size);",
	},
	{
		breaks: "journal: a rewind of values is durable",
		file: "src/journal/value-section.ts",
		find: "					this.#buffer.cut(size);\n				}\n				await this.#flushDurably();",
		replace: "					this.#buffer.cut(size);\n				}",
	},
	{
		breaks: "journal: a section loses its entries before its values",
		file: "src/journal/oversized-sections.ts",
		find: "		await this.#entries.remove(section);\n		if (this.#valued.has(section)) {\n			await this.#values.remove(section);\n			this.#valued.delete(section);\n		}",
		replace:
			"		if (this.#valued.has(section)) {\n			await this.#values.remove(section);\n			this.#valued.delete(section);\n		}\n		await this.#entries.remove(section);",
	},
	{
		breaks:
			"journal: later sections go before a rewind cuts, the highest first",
		file: "src/journal/journal.ts",
		find: "				for (const later of [...laterThan(number)].reverse()) {",
		replace: "				for (const later of laterThan(number)) {",
	},
	{
		breaks: "journal: a prune begins with the lowest section",
		file: "src/journal/journal.ts",
		find: "			for (const section of pruned) {",
		replace: "			for (const section of pruned.slice().reverse()) {",
	},
	{
		breaks:
			"journal: values that no section of entries has are removed at open",
		file: "src/journal/oversized-sections.ts",
		find: "			if (!sections.has(section)) {",
		replace: "			if (!sections.has(section) && this.storage.readOnly) {",
	},
	{
		breaks: "journal: a store that ends ends its journals before their values",
		file: "src/storage.ts",
		find: "				return this.#handle(opened, partition, hexName, part);",
		replace:
			"				const blob = this.#handle(opened, partition, hexName, part);\n				this.register(blob);\n				return blob;",
	},
	{
		breaks: "a partition has one owner at a time",
		file: "src/owners.ts",
		find: "				if (other !== owner && !isFine(other)) {",
		replace:
			"				if (other.over !== undefined && other !== owner && !isFine(other)) {",
	},
	{
		breaks: "an open waits for who is letting go",
		file: "src/owners.ts",
		find: "			await other.over;\n",
		replace: "			this.remove(other);\n",
	},
	{
		breaks: "a store's end waits for the opens that are under way",
		file: "src/storage.ts",
		find: "		await this.owners.settle();\n",
		replace: "",
	},
	{
		breaks: "variable journal: a section is walked before its first append",
		file: "src/journal/variable-section.ts",
		find: "				await this.#walk();",
		replace: "				this.#tail.end = this.size;",
	},
	{
		breaks: "variable journal: a torn tail is cut before an append",
		file: "src/journal/variable-section.ts",
		find: "			if (this.end < this.size) {\n				return undefined;\n			}",
		replace: "			this.#tail.end = this.size;",
	},
	{
		breaks: "variable journal: what no crash explains is kept",
		file: "src/journal/variable-section.ts",
		find: "		const copy = this.#tail.isExplained",
		replace: "		const copy = this.blob",
	},
	{
		breaks: "variable journal: a cut within an item is walked again",
		file: "src/journal/section-tail.ts",
		find: "			this.end = undefined;",
		replace: "			this.end = size;",
	},
	{
		breaks: "variable journal: a part of an item that failed is no item",
		file: "src/journal/variable-section.ts",
		find: "		return Math.min(this.#tail.end ?? this.size, this.size);",
		replace: "		return this.size;",
	},
	{
		breaks: "variable journal: a replay gives nothing from behind a cut",
		file: "src/journal/item-replay.ts",
		find: "			.reduce((least, cut) => Math.min(least, cut), size);",
		replace: "			.reduce((least) => least, size);",
	},
	{
		breaks: "variable journal: a section that was made again is another one",
		file: "src/journal/item-replay.ts",
		find: "		if (cuts !== open.cuts) {",
		replace: "		if (cuts.length < 0) {",
	},
	{
		breaks: "variable journal: only a replay of a whole section is its walk",
		file: "src/journal/item-replay.ts",
		find: "			isWalk: offset === 0,",
		replace: "			isWalk: offset >= 0,",
	},
	{
		breaks: "variable journal: what is no length is damage in the middle",
		file: "src/journal/item-cursor.ts",
		find: "			return left < VARINT_WIDTH_MAX;",
		replace: "			return left > 0;",
	},
	{
		breaks: "variable journal: an announced size is bounded",
		file: "assembly/frame.ts",
		find: "	if (loadResult(SCANNED_SIZE) > sizeMax) {",
		replace: "	if (loadResult(SCANNED_SIZE) > sizeMax && available === 0) {",
	},
	{
		breaks: "variable journal: a number has one encoding",
		file: "assembly/frame.ts",
		find: "		if (at > 0 && byte === 0) {",
		replace: "		if (at > 5 && byte === 0) {",
	},
	{
		breaks: "variable journal: a varint has 32 bits",
		file: "assembly/frame.ts",
		find: "byte > LAST_BYTE_MAX",
		replace: "byte > LAST_BYTE_MAX + 16",
	},
	{
		breaks: "compression: what a frame announces and holds is bounded",
		file: "src/compression/compressed-form.ts",
		find: "		refuseOver(sizeMax, contentSize ?? least);\n		const content = zstd.decompress(frame, sizeMax);\n		refuseOver(sizeMax, content.length);",
		replace:
			"		const content = zstd.decompress(frame, least + (contentSize ?? sizeMax));",
	},
	{
		breaks: "compression: nothing lies behind the one frame",
		file: "src/compression/frame.ts",
		find: "	if (end !== bytes.length) {",
		replace: "	if (end > bytes.length) {",
	},
	{
		breaks: "compression: dualslot.json says what is compressed",
		file: "src/compression/options.ts",
		find: '	return { compression: "zstd" };',
		replace: "	return {};",
	},
	{
		breaks: "codec: a number has one encoding",
		file: "src/codec/reader.ts",
		find: "		const isPadding = byte === 0 && shift > 0;",
		replace: "		const isPadding = byte === 0 && shift > 99;",
	},
	{
		breaks: "codec: nothing lies behind a value",
		file: "src/codec/codec.ts",
		find: "	if (reader.remaining > 0) {",
		replace: "	if (reader.remaining > 999_999) {",
	},
	{
		breaks: "codec: what fails half-way leaves zeros",
		file: "src/codec/writer.ts",
		find: "			this.#bytes.fill(0, start, start + length);\n",
		replace: "",
	},
	{
		breaks: "other realms: their bytes are bytes",
		file: "src/kinds.ts",
		find: '	return ArrayBuffer.isView(value) && nameOf(value) === "Uint8Array";',
		replace: "	return value instanceof Uint8Array;",
	},
	{
		breaks: "other realms: their errors say that there is no room",
		file: "src/errors.ts",
		find: '	return propertyOf(error, "code") ?? propertyOf(error, "name");',
		replace:
			'	return error instanceof Error ? propertyOf(error, "code") : undefined;',
	},
	{
		breaks: "an open that is refused takes no memory",
		file: "src/storage-parts.ts",
		find: "	const lock = await takeLock(host, options.wait ?? false);",
		replace:
			"	await Core.load(MEMORY_DEFAULT);\n	const lock = await takeLock(host, options.wait ?? false);",
	},
	{
		breaks: "an open that fails lets go of all that it holds",
		file: "src/held.ts",
		find: "		await letGo(held).catch(() => undefined);",
		replace: "		await letGo(held.slice(0, 1)).catch(() => undefined);",
	},
	{
		breaks: "others in the event loop have their turn",
		file: "src/event-loop.ts",
		find: "const WORK_MAX = 5;",
		replace: "const WORK_MAX = 500_000;",
	},
	...MEMORY_MUTANTS,
	...PACKED_MUTANTS,
	...LEFT_MUTANTS,
	...RING_MUTANTS,
	...TORN_MUTANTS,
];
