import {
	GUID_SIZE,
	MAPPING_SIZE,
	RANGE_SIZE,
	SNAPSHOT_HEADER_SIZE,
} from "../../../assembly/format.ts";
import { newBytes } from "../../bytes.ts";
import { Arena } from "../../core/arena.ts";
import { Core } from "../../core/core.ts";
import { ManifestCore } from "../../core/manifest.ts";
import type { FreeVerdict } from "../../core/manifest-answers.ts";

const CELLS_MIN = 1024;
const SLOT_BYTES = 8;
/** Of a memory of its own: for a mapping, and for what lies between allocations. */
const OWN_BESIDES = 256;
/**
 * A mapping that is copied to the core at once: a view of linear memory for each would cost more
 * than the copy.
 */
const MAPPING = new Uint8Array(MAPPING_SIZE);
const MAPPING_VIEW = new DataView(MAPPING.buffer);

/** A core's linear memory, and what of it is free. */
interface Home {
	readonly core: Core;
	readonly arena: Arena;
}

/**
 * The slot of each GUID's frame, in linear memory. Grows in the store's memory, whose views stay
 * valid, so that it never grows. A manifest that may outgrow it then has a memory of its own:
 *
 *    the store's    | frames … | mapping | table, copies | free |
 *    its own        | mapping | table, copies |                     a larger one at each growth
 */
export class Manifest {
	readonly #store: Home;
	#home: Home;
	#mayOutgrow = false;
	/** Room for one mapping on its way in. */
	#mapping: number;
	#cells: number;
	#table: number;

	/** An empty manifest with room for `room` GUIDs. Throws ERR_MEMORY. */
	constructor(core: Core, arena: Arena, room: number) {
		this.#store = { core, arena };
		this.#home = this.#store;
		this.#mapping = arena.allocate(MAPPING_SIZE);
		this.#cells = cellsFor(room);
		this.#table = arena.allocate(bytesOf(this.#cells));
		core.manifest.initialize(this.#table, this.#cells);
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

	/**
	 * The table's address in the store's core, until the manifest may outgrow that. It changes when
	 * the manifest grows.
	 */
	get table(): number {
		return this.#table;
	}

	/** Called once the manifest's files are read: those come through the store's core. */
	letOutgrow(): void {
		this.#mayOutgrow = true;
	}

	/** Gives a memory of its own back. */
	retire(): void {
		if (this.#home !== this.#store) {
			this.#leave();
		}
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

	/** In the memory where it is, if that has room. Where it throws, nothing has changed. */
	#grow(cells: number): void {
		const { core, arena } = this.#home;
		const grown = arena.tryAllocate(bytesOf(cells));
		if (grown !== undefined) {
			core.manifest.initialize(grown, cells);
			core.manifest.move(this.#table, grown);
			arena.free(this.#table);
			this.#table = grown;
		} else if (this.#mayOutgrow) {
			this.#moveOut(cells);
		} else {
			throw arena.refusal(bytesOf(cells));
		}
		this.#cells = cells;
	}

	/** By way of the new table's copies: they have room for a table of half as many cells. */
	#moveOut(cells: number): void {
		const core = Core.next(this.#core.heapBase + OWN_BESIDES + bytesOf(cells));
		const arena = new Arena(core.heapBase, core.memoryBytes);
		const mapping = arena.allocate(MAPPING_SIZE);
		const table = arena.allocate(bytesOf(cells));
		const copy = table + ManifestCore.tableBytes(cells);
		const bytes = ManifestCore.tableBytes(this.#cells);
		core.write(copy, this.#core.bytes(this.#table, bytes));
		core.manifest.initialize(table, cells);
		core.manifest.move(copy, table);
		this.#leave();
		this.#home = { core, arena };
		this.#mapping = mapping;
		this.#table = table;
	}

	#leave(): void {
		const { core, arena } = this.#home;
		if (this.#home === this.#store) {
			arena.free(this.#table);
			arena.free(this.#mapping);
		} else {
			core.retire(arena.usedEnd);
		}
	}

	get #core(): Core {
		return this.#home.core;
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
