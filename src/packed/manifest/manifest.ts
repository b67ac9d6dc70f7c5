import {
	GUID_SIZE,
	MAPPING_SIZE,
	RANGE_SIZE,
	SNAPSHOT_HEADER_SIZE,
} from "../../../assembly/format.ts";
import { newBytes } from "../../bytes.ts";
import type { Arena } from "../../core/arena.ts";
import type { Core } from "../../core/core.ts";
import { ManifestCore } from "../../core/manifest.ts";
import type { FreeVerdict } from "../../core/manifest-answers.ts";

const CELLS_MIN = 1024;
const SLOT_BYTES = 8;
/**
 * A mapping that is copied to the core at once: a view of linear memory for each would cost more
 * than the copy.
 */
const MAPPING = new Uint8Array(MAPPING_SIZE);
const MAPPING_VIEW = new DataView(MAPPING.buffer);

/** The slot of each GUID's frame, in linear memory. Grows, up to the store's memory. */
export class Manifest {
	readonly #core: Core;
	readonly #arena: Arena;
	/** Room for one mapping on its way in. */
	readonly #mapping: number;
	#cells: number;
	#table: number;

	/** An empty manifest with room for `room` GUIDs. Throws ERR_MEMORY. */
	constructor(core: Core, arena: Arena, room: number) {
		this.#core = core;
		this.#arena = arena;
		this.#mapping = arena.allocate(MAPPING_SIZE);
		this.#cells = cellsFor(room);
		this.#table = this.#make(this.#cells);
	}

	/** Bytes of linear memory of a manifest with room for `room` GUIDs. */
	static memoryFor(room: number): number {
		return bytesOf(cellsFor(room));
	}

	get size(): number {
		return this.#core.manifest.size(this.#table);
	}

	/** The first slot that was never given out. */
	get nextSlot(): bigint {
		return this.#core.manifest.nextSlot(this.#table);
	}

	set nextSlot(slot: bigint) {
		this.#core.manifest.setNextSlot(this.#table, slot);
	}

	/** The table's address in the core, which changes when the manifest grows. */
	get table(): number {
		return this.#table;
	}

	find(guid: Uint8Array): bigint | undefined {
		this.#core.write(this.#mapping, guid);
		return this.#core.manifest.find(this.#table, this.#mapping);
	}

	/**
	 * Sets the slot of a GUID's frame, and returns the old one. Throws ERR_MEMORY, unless room was
	 * made before.
	 */
	put(guid: Uint8Array, slot: bigint): bigint | undefined {
		this.makeRoom(1);
		return this.#core.manifest.put(this.#table, this.#mappingOf(guid, slot));
	}

	/** The log is folded up: every mapping is the snapshot's now. */
	forgetPositions(): void {
		this.#core.manifest.forgetPositions(this.#table);
	}

	/**
	 * Where, in the log found at open, the record begins that gave a GUID its slot; undefined where
	 * the snapshot did.
	 */
	positionOf(guid: Uint8Array): number | undefined {
		this.#core.write(this.#mapping, guid);
		return this.#core.manifest.positionOf(this.#table, this.#mapping);
	}

	remove(guid: Uint8Array): bigint | undefined {
		this.#core.write(this.#mapping, guid);
		return this.#core.manifest.remove(this.#table, this.#mapping);
	}

	/** Makes room for `count` more GUIDs. Throws ERR_MEMORY. */
	makeRoom(count: number): void {
		const wanted = this.size + count;
		if (wanted > ManifestCore.roomOf(this.#cells)) {
			this.#grow(cellsFor(wanted));
		}
	}

	/** Every GUID, in ascending order of its bytes. */
	list(): Uint8Array[] {
		const address = this.#scratch;
		const count = this.#core.manifest.listGuids(this.#table, address);
		const bytes = this.#core.bytes(address, count * GUID_SIZE);
		return Array.from({ length: count }, (_, index) =>
			bytes.slice(index * GUID_SIZE, (index + 1) * GUID_SIZE),
		);
	}

	/** The slot of each GUID, in no order; rounded past 2^53. */
	slots(): Float64Array {
		const address = this.#scratch;
		const count = this.#core.manifest.copySlots(this.#table, address);
		const bytes = this.#core.bytes(address, count * SLOT_BYTES);
		const view = new DataView(bytes.buffer, address);
		const slots = new Float64Array(count);
		for (let index = 0; index < count; index += 1) {
			const low = view.getUint32(index * SLOT_BYTES, true);
			const high = view.getUint32(index * SLOT_BYTES + 4, true);
			slots[index] = high * 2 ** 32 + low;
		}
		return slots;
	}

	/** The free slots below `nextSlot`. */
	freeRanges(): FreeVerdict {
		const { manifest } = this.#core;
		const address = this.#scratch;
		const length = scratchBytes(this.#cells);
		const marked = manifest.markedRanges(this.#table, address, length);
		if (marked !== undefined) {
			return marked;
		}
		const count = manifest.copyMappings(this.#table, address, "slot");
		return manifest.freeRanges(this.#table, address, count);
	}

	/** The bytes of a snapshot: its mappings in ascending order of their slots. */
	snapshot(): Uint8Array {
		const { manifest } = this.#core;
		const header = this.#mapping;
		const address = this.#scratch;
		const count = manifest.copyMappings(this.#table, address, "slot");
		manifest.encodeSnapshot(this.#table, header);
		const bytes = newBytes(SNAPSHOT_HEADER_SIZE + count * MAPPING_SIZE);
		bytes.set(this.#core.bytes(header, SNAPSHOT_HEADER_SIZE));
		bytes.set(
			this.#core.bytes(address, count * MAPPING_SIZE),
			SNAPSHOT_HEADER_SIZE,
		);
		return bytes;
	}

	/** The address of a mapping, until the next one. */
	#mappingOf(guid: Uint8Array, slot: bigint): number {
		MAPPING.set(guid);
		MAPPING_VIEW.setBigUint64(GUID_SIZE, slot, true);
		this.#core.write(this.#mapping, MAPPING);
		return this.#mapping;
	}

	/**
	 * Behind the table: room for a copy of all that it can hold, so that no call that needs a copy
	 * fails for lack of memory.
	 */
	get #scratch(): number {
		return this.#table + ManifestCore.tableBytes(this.#cells);
	}

	#grow(cells: number): void {
		const grown = this.#make(cells);
		this.#core.manifest.move(this.#table, grown);
		this.#arena.free(this.#table);
		this.#table = grown;
		this.#cells = cells;
	}

	#make(cells: number): number {
		const table = this.#arena.allocate(bytesOf(cells));
		this.#core.manifest.initialize(table, cells);
		return table;
	}
}

function cellsFor(room: number): number {
	let cells = CELLS_MIN;
	while (ManifestCore.roomOf(cells) < room) {
		cells *= 2;
	}
	return cells;
}

function bytesOf(cells: number): number {
	return ManifestCore.tableBytes(cells) + scratchBytes(cells);
}

function scratchBytes(cells: number): number {
	return ManifestCore.roomOf(cells) * MAPPING_SIZE + RANGE_SIZE;
}
