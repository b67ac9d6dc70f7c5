import * as format from "../../assembly/format.ts";
import { StorageError } from "../errors.ts";
import { nameOf } from "./answers.ts";
import type { CoreExports } from "./exports.ts";
import {
	type FrameRecord,
	type FrameStamp,
	type FreeVerdict,
	LOG_STOPS,
	type LogDamage,
	type LogRun,
	type RecordOrigins,
	type RecordRun,
	SNAPSHOT_STATUSES,
	type SnapshotVerdict,
} from "./manifest-answers.ts";

const MAP_VERDICTS = {
	[format.MAP_ADDED]: "added",
	[format.MAP_REPLACED]: "replaced",
	[format.MAP_FULL]: "full",
} as const;

const SEED_MAX = 2 ** 32;

/**
 * The core's calls about a packed store's manifest, part of `Core`. A `table` is the address of a
 * manifest in linear memory, with the cells given to `initialize`. A `guid` is the address of 16
 * bytes, a `mapping` of 24.
 */
export class ManifestCore {
	readonly #exports: CoreExports;
	readonly #result: number;

	constructor(exports: CoreExports) {
		this.#exports = exports;
		this.#result = exports.resultAddress() >>> 0;
	}

	/** Bytes of a table with this many cells. */
	static tableBytes(cells: number): number {
		return format.MANIFEST_HEADER_SIZE + cells * format.MANIFEST_CELL_SIZE;
	}

	/** GUIDs that a table with this many cells can hold. */
	static roomOf(cells: number): number {
		return cells - Math.floor(cells / 4);
	}

	/** Makes an empty manifest. `cells` is a power of two, 4 or more. */
	initialize(table: number, cells: number): void {
		const seed = () => Math.floor(Math.random() * SEED_MAX);
		this.#exports.initManifest(table, cells, seed(), seed());
	}

	/** How many GUIDs it has. */
	size(table: number): number {
		return this.#exports.manifestSize(table) >>> 0;
	}

	/** The first slot that was never given out. */
	nextSlot(table: number): bigint {
		this.#exports.nextSlot(table);
		return this.#slot;
	}

	setNextSlot(table: number, slot: bigint): void {
		this.#view().setBigUint64(format.MAPPED_SLOT, slot, true);
		this.#exports.setNextSlot(table, this.#result + format.MAPPED_SLOT);
	}

	/** The slot that a GUID has; undefined where it has none. */
	find(table: number, guid: number): bigint | undefined {
		return this.#exports.findMapping(table, guid) === 0
			? undefined
			: this.#slot;
	}

	/**
	 * Where the log's record of a GUID's slot begins; undefined where the GUID has no slot, or has it
	 * from the snapshot or past 2^32.
	 */
	positionOf(table: number, guid: number): number | undefined {
		const isFound = this.#exports.findMapping(table, guid) !== 0;
		const position = this.#view().getUint32(format.MAPPED_POSITION, true);
		return isFound && position > 0 ? position - 1 : undefined;
	}

	/** The log is folded up: all mappings are the snapshot's now. */
	forgetPositions(table: number): void {
		this.#exports.forgetPositions(table);
	}

	/** Adds a mapping, and returns the GUID's old slot. There must be room. */
	put(table: number, mapping: number): bigint | undefined {
		const verdict = MAP_VERDICTS[this.#mapVerdict(table, mapping)];
		if (verdict === "full") {
			throw new StorageError("ERR_CORE_TRAP", "a manifest without room");
		}
		return verdict === "added" ? undefined : this.#slot;
	}

	/** Removes a GUID, and returns its slot. */
	remove(table: number, guid: number): bigint | undefined {
		return this.#exports.removeMapping(table, guid) === 0
			? undefined
			: this.#slot;
	}

	/** Moves all mappings of a manifest into an empty one with room. */
	move(from: number, to: number): void {
		this.#exports.moveManifest(from, to);
	}

	/** Copies all mappings, on request in the order of their slots, and returns their count. */
	copyMappings(table: number, mappings: number, order: "any" | "slot"): number {
		const count = this.#exports.copyMappings(table, mappings) >>> 0;
		if (order === "slot") {
			this.#exports.sortMappings(mappings, count);
		}
		return count;
	}

	/** Copies all GUIDs in ascending order of their bytes, and returns their count. */
	listGuids(table: number, guids: number): number {
		return this.#exports.listGuids(table, guids) >>> 0;
	}

	/** Copies all slots, a u64 each, in no order, and returns their count. */
	copySlots(table: number, slots: number): number {
		return this.#exports.copySlots(table, slots) >>> 0;
	}

	/**
	 * The free slots, found without an order of the taken ones. `length` bytes are overwritten.
	 * Undefined where freeRanges has to judge.
	 */
	markedRanges(
		table: number,
		address: number,
		length: number,
	): FreeVerdict | undefined {
		const status = this.#exports.markedRanges(table, address, length);
		return status === format.FREE_OK ? this.#rangesAt(address) : undefined;
	}

	/**
	 * The free slots. The mappings are in the order of their slots; their bytes, and 16 behind them,
	 * are overwritten.
	 */
	freeRanges(table: number, mappings: number, count: number): FreeVerdict {
		const status = this.#exports.freeRanges(table, mappings, count);
		if (status !== format.FREE_OK) {
			const isPast = status === format.FREE_PAST_NEXT;
			return { status: isPast ? "past next" : "duplicate", slot: this.#slot };
		}
		return this.#rangesAt(mappings);
	}

	/** Judges the header at the start of `length` bytes, and adopts its next slot. */
	parseSnapshot(
		table: number,
		address: number,
		length: number,
	): SnapshotVerdict {
		const status = this.#exports.parseSnapshot(table, address, length);
		if (status !== format.SNAPSHOT_OK) {
			return { status: nameOf(SNAPSHOT_STATUSES, status) };
		}
		return {
			status: "ok",
			count: this.#view().getUint32(format.SNAPSHOT_COUNT, true),
			reserved: this.#view().getUint32(format.SNAPSHOT_RESERVED, true),
		};
	}

	/** Writes the 24 bytes of a snapshot's header. */
	encodeSnapshot(table: number, address: number): void {
		this.#exports.encodeSnapshot(table, address);
	}

	/** Adds mappings, for which there is room. Returns how many: fewer where a GUID is repeated. */
	loadMappings(table: number, mappings: number, count: number): number {
		return this.#exports.loadMappings(table, mappings, count);
	}

	/** Writes a record that sets a mapping, and returns its size. */
	encodeSet(address: number, mapping: number): number {
		return this.#exports.encodeSet(address, mapping);
	}

	/** Writes a record that deletes a GUID, and returns its size. */
	encodeDelete(address: number, guid: number): number {
		return this.#exports.encodeDelete(address, guid);
	}

	/**
	 * Applies the whole records at the start of `length` bytes. The file has `rest` bytes from there
	 * on, and `position` before. `trust` is the field of a record that is believed first: its length,
	 * as in holt, or its type.
	 */
	replayLog(
		table: number,
		address: number,
		length: number,
		rest: number,
		trust: "length" | "type",
		position = 0,
	): LogRun {
		const end = this.#exports.replayLog(
			table,
			address,
			length,
			rest,
			trust === "type" ? 1 : 0,
			position,
		);
		const view = this.#view();
		return {
			end,
			records: view.getUint32(format.REPLAYED_RECORDS, true),
			stop: nameOf(LOG_STOPS, view.getUint32(format.REPLAYED_STOP, true)),
		};
	}

	/** Writes the record of a slot's frame in frames.crc. */
	encodeFrameRecord(
		address: number,
		slot: number,
		guid: number,
		{ crc, generation, position }: FrameRecord,
	): void {
		this.#exports.encodeFrameRecord(
			address,
			slot,
			guid,
			crc,
			generation,
			position,
		);
	}

	/** Turns the records of `count` slots from `first` on into the verdicts on them. */
	judgeRecords(
		table: number,
		records: number,
		{ first, count }: RecordRun,
		{ log, snapshot, logSize }: RecordOrigins,
	): void {
		this.#exports.judgeRecords(
			table,
			records,
			first,
			count,
			log,
			snapshot,
			logSize,
		);
	}

	/** Writes a stamp of frames.crc. */
	encodeStamp(address: number, stamp: Omit<FrameStamp, "version">): void {
		const { generation, snapshotCrc, snapshotSize, logSize, logCrc } = stamp;
		this.#exports.encodeStamp(
			address,
			generation,
			snapshotCrc,
			snapshotSize,
			logSize,
			logCrc,
		);
	}

	/** A stamp's fields; undefined where it is not whole. */
	parseStamp(address: number): FrameStamp | undefined {
		const version = this.#exports.parseStamp(address) >>> 0;
		return version === 0
			? undefined
			: {
					version,
					generation: this.#field(format.STAMPED_GENERATION),
					snapshotCrc: this.#field(format.STAMPED_SNAPSHOT_CRC),
					snapshotSize: this.#field(format.STAMPED_SNAPSHOT_SIZE),
					logSize: this.#field(format.STAMPED_LOG_SIZE),
					logCrc: this.#field(format.STAMPED_LOG_CRC),
				};
	}

	/** What is wrong with the type and length of a record whose CRC is right. */
	typeDamage(record: number): LogDamage | undefined {
		const stop = nameOf(LOG_STOPS, this.#exports.judgeType(record));
		return stop === "set length" ||
			stop === "delete length" ||
			stop === "unknown op"
			? stop
			: undefined;
	}

	/**
	 * Whether a crash explains that the bytes begin with no whole record. They lie at `offset` of the
	 * file, and end with it where `isAll`.
	 */
	isTornRecord(
		address: number,
		length: number,
		isAll: boolean,
		offset: number,
	): boolean {
		const sectorOffset = offset % format.SECTOR_SIZE;
		const all = isAll ? 1 : 0;
		return this.#exports.isTornRecord(address, length, all, sectorOffset) !== 0;
	}

	#rangesAt(address: number): FreeVerdict {
		const view = this.#view(address);
		const ranges = this.#field(format.FREE_RANGES);
		return {
			status: "ok",
			ranges: Array.from({ length: ranges }, (_, index) => ({
				first: view.getBigUint64(index * format.RANGE_SIZE, true),
				last: view.getBigUint64(index * format.RANGE_SIZE + 8, true),
			})),
		};
	}

	#mapVerdict(table: number, mapping: number): 0 | 1 | 2 {
		const verdict = this.#exports.putMapping(table, mapping);
		return verdict === format.MAP_ADDED || verdict === format.MAP_REPLACED
			? verdict
			: format.MAP_FULL;
	}

	get #slot(): bigint {
		return this.#view().getBigUint64(format.MAPPED_SLOT, true);
	}

	#field(field: number): number {
		return this.#view().getUint32(field, true);
	}

	#view(address = this.#result): DataView {
		return new DataView(this.#exports.memory.buffer, address);
	}
}
