import * as format from "../../assembly/format.ts";
import {
	type ByteRange,
	HEADER_STATUSES,
	type HeaderVerdict,
	nameOf,
	type PageVerdict,
	type ShrinkStages,
	SLOT_STATES,
	type SlotVerdict,
	type WritePlan,
} from "./answers.ts";
import type { CoreExports } from "./exports.ts";
import type { ResultBlock } from "./result.ts";

/** The calls of assembly/page/, part of `Core`: of a blob's header and its pages. */
export class Pages {
	readonly #calls: CoreExports;
	readonly #result: ResultBlock;

	constructor(calls: CoreExports, result: ResultBlock) {
		this.#calls = calls;
		this.#result = result;
	}

	/** Writes the 8 bytes of a blob's header. `version`: 0 to 65535. */
	encodeHeader(address: number, version: number): void {
		this.#calls.encodeHeader(address, version);
	}

	/**
	 * Judges a header of which `length` bytes were read; blob versions from `lo` to `hi` are
	 * accepted.
	 */
	parseHeader(
		address: number,
		length: number,
		lo: number,
		hi: number,
	): HeaderVerdict {
		const status = this.#calls.parseHeader(address, length, lo, hi);
		return {
			status: nameOf(HEADER_STATUSES, status),
			runtimeVersion: this.#result.field(format.PARSED_RUNTIME_VERSION),
			blobVersion: this.#result.field(format.PARSED_BLOB_VERSION),
		};
	}

	/**
	 * Makes `count` physical pages (of `pageSize` + 12 bytes) of the data in them: all full but the
	 * last, which has `lastLength` bytes and is padded with zeros. The first page keeps the bytes of
	 * `keptSlot`, and the new pair goes to the other slot; with 0, and on every other page, slot 1 is
	 * new and slot 2 zero.
	 */
	sealPages(
		address: number,
		pageSize: number,
		count: number,
		lastLength: number,
		keptSlot: 0 | 1 | 2,
	): void {
		this.#calls.sealPages(address, pageSize, count, lastLength, keptSlot);
	}

	/** A physical page's authoritative slot, and each slot's claim. Writes nothing to the page. */
	validatePage(address: number, pageSize: number): PageVerdict {
		const slot = this.#calls.validatePage(address, pageSize);
		return {
			slot: slotNumber(slot),
			length: this.#result.field(format.VERDICT_LENGTH),
			first: this.#slotVerdict(format.VERDICT_FIRST),
			second: this.#slotVerdict(format.VERDICT_SECOND),
		};
	}

	/** How many leading pages, of `count`, are valid and full. */
	validateRun(address: number, pageSize: number, count: number): number {
		return this.#calls.validateRun(address, pageSize, count);
	}

	/** The index of the last valid page, full or not, of `count`; -1 if there is none. */
	lastValidPage(address: number, pageSize: number, count: number): number {
		return this.#calls.lastValidPage(address, pageSize, count);
	}

	/**
	 * Whether a torn write of ours explains a page that is not full: an invalid one, or a valid one
	 * before other pages. `rawOffset` is the page's in its file.
	 */
	isTornPage(address: number, pageSize: number, rawOffset: number): boolean {
		const sectorOffset = rawOffset % format.SECTOR_SIZE;
		return this.#calls.isTornPage(address, pageSize, sectorOffset) !== 0;
	}

	/** Whether a torn truncation explains a page that is not full, and was durable. */
	isTruncatedPage(
		address: number,
		pageSize: number,
		rawOffset: number,
	): boolean {
		const sectorOffset = rawOffset % format.SECTOR_SIZE;
		return this.#calls.isTruncatedPage(address, pageSize, sectorOffset) !== 0;
	}

	/** Whether a slot of the page, valid or not, claims a full page. */
	claimsAll(address: number, pageSize: number): boolean {
		return this.#calls.claimsAll(address, pageSize) !== 0;
	}

	/**
	 * The index of the last page, of `count`, that shows that all before it were durable when it was
	 * written; -1 where none does.
	 */
	lastAfterSync(address: number, pageSize: number, count: number): number {
		return this.#calls.lastAfterSync(address, pageSize, count);
	}

	/**
	 * The bytes to write of `pages` sealed pages. `keptSlot` commits the first `committedLength`
	 * bytes of the first page: those and that slot are never rewritten. With slot 0 nothing is
	 * committed.
	 */
	planWrite(
		pageSize: number,
		keptSlot: 0 | 1 | 2,
		committedLength: number,
		pages: number,
	): WritePlan {
		const writes = this.#calls.planWrite(
			pageSize,
			keptSlot,
			committedLength,
			pages,
		);
		return {
			first: this.#range(format.PLAN_FIRST_START, format.PLAN_FIRST_END),
			second:
				writes === 1
					? undefined
					: this.#range(format.PLAN_SECOND_START, format.PLAN_SECOND_END),
		};
	}

	/**
	 * The three writes that shrink a page, read as it is on disk, to `length`: 1 to `pageSize`. On
	 * return the page in memory has the record of the disk after the third. Undefined, with the page
	 * unchanged, when it is invalid or shorter.
	 */
	stageShrink(
		address: number,
		pageSize: number,
		length: number,
	): ShrinkStages | undefined {
		const slot = this.#calls.stageShrink(address, pageSize, length);
		if (slot === format.NO_SLOT) {
			return undefined;
		}
		return {
			newSlotOffset: this.#result.field(format.STAGED_NEW_OFFSET),
			oldSlotOffset: this.#result.field(format.STAGED_OLD_OFFSET),
			crcStage: this.#result.copy(format.STAGED_CRC_BYTES, format.SLOT_SIZE),
			lengthStage: this.#result.copy(
				format.STAGED_LENGTH_BYTES,
				format.SLOT_LENGTH_SIZE,
			),
			retireStage: this.#result.copy(
				format.STAGED_RETIRE_BYTES,
				format.SLOT_LENGTH_SIZE,
			),
		};
	}

	/**
	 * Whether a torn write of a new pair over `slot` could revive wrong bytes (commonware #4339);
	 * then it must be zeroed and synced first. The page is as on disk; `rawOffset` is the slot's
	 * first byte in the file.
	 */
	slotAtRisk(
		address: number,
		pageSize: number,
		slot: 1 | 2,
		rawOffset: number,
	): boolean {
		const sectorOffset = rawOffset % format.SECTOR_SIZE;
		return this.#calls.slotAtRisk(address, pageSize, slot, sectorOffset) !== 0;
	}

	/**
	 * For a retired slot, one without a length that kept its CRC: the largest length beyond the
	 * page's own at which that CRC still matches the page's data, else 0.
	 */
	retiredLength(address: number, pageSize: number, slot: 1 | 2): number {
		return this.#calls.retiredLength(address, pageSize, slot);
	}

	/**
	 * Every page size for which a blob whose content begins with the `length` bytes at `address` has
	 * a valid page 0, full or zero from its length on. Overwrites the 256 KiB from the next multiple
	 * of 4 on.
	 */
	fittingPageSizes(address: number, length: number): number[] {
		const table = Math.ceil((address + length) / 4) * 4;
		this.#calls.prefixChecksums(address, length, table);
		const sizes: number[] = [];
		let size = 0;
		do {
			size = this.#calls.nextFittingPageSize(address, length, table, size);
			if (size !== 0) {
				sizes.push(size);
			}
		} while (size !== 0);
		return sizes;
	}

	#slotVerdict(field: number): SlotVerdict {
		return {
			state: nameOf(
				SLOT_STATES,
				this.#result.field(field + format.VERDICT_STATE),
			),
			length: this.#result.field(field + format.VERDICT_SLOT_LENGTH),
			crc: this.#result.field(field + format.VERDICT_CRC),
		};
	}

	#range(start: number, end: number): ByteRange {
		return [this.#result.field(start), this.#result.field(end)];
	}
}

function slotNumber(slot: number): 0 | 1 | 2 {
	if (slot === format.NO_SLOT) {
		return 0;
	}
	return slot === format.FIRST_SLOT ? 1 : 2;
}
