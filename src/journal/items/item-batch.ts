import { BYTES_FORM, type Form } from "../../forms/form.ts";

export interface ReplayedItem<Item = Uint8Array> {
	/** The section's number. */
	readonly section: bigint;
	/** Where the item begins in its section: what `get` asks for. */
	readonly offset: number;
	/** Bytes of the item in its section, without the length before it. */
	readonly size: number;
	/** Belongs to the caller. */
	readonly item: Item;
}

/** The bytes of items that a replay has read together, in order. */
export class ItemBatch implements Iterable<ReplayedItem> {
	/** The section's number. */
	readonly section: bigint;
	readonly #offset: number;
	readonly #frames: Uint8Array;
	/** For each item its start in the frames, and its size. */
	readonly #places: Uint32Array;
	readonly #form: Form<unknown>;

	/**
	 * `offset` is that of the first frame in the section.
	 *
	 * @internal
	 */
	constructor(
		section: bigint,
		offset: number,
		frames: Uint8Array,
		places: Uint32Array,
		form: Form<unknown> = BYTES_FORM,
	) {
		this.section = section;
		this.#offset = offset;
		this.#frames = frames;
		this.#places = places;
		this.#form = form;
	}

	/** How many items there are. */
	get length(): number {
		return this.#places.length / 2;
	}

	/**
	 * The bytes of the item at an index, before any codec. They belong to the caller.
	 *
	 * @throws {StorageError} ERR_DECOMPRESSION for no zstd frame, or one of too many bytes.
	 */
	item(index: number): Uint8Array {
		const payload = this.payload(index);
		return this.#form.contentOf(payload, this.section, this.offset(index));
	}

	/** The item's bytes in the section: as appended, or their zstd frame when compressed. */
	payload(index: number): Uint8Array {
		const start = this.#startOf(index);
		return this.#frames.subarray(start, start + this.size(index));
	}

	/** Bytes that the item at an index takes in its section. */
	size(index: number): number {
		return this.#places[2 * index + 1] ?? 0;
	}

	/** Where the item at an index begins in its section. */
	offset(index: number): number {
		const before =
			index === 0 ? 0 : this.#startOf(index - 1) + this.size(index - 1);
		return this.#offset + before;
	}

	/**
	 * The item of an index, from 0 on; undefined past the last one.
	 *
	 * @throws {StorageError} ERR_DECOMPRESSION as `item`.
	 */
	at(index: number): ReplayedItem {
		return {
			section: this.section,
			offset: this.offset(index),
			size: this.size(index),
			item: this.item(index),
		};
	}

	/** The items from an index on. */
	from(index: number): ItemBatch {
		const offset = this.offset(index);
		const skipped = offset - this.#offset;
		const places = this.#places
			.slice(2 * index)
			.map((place, at) => (at % 2 === 0 ? place - skipped : place));
		const frames = this.#frames.subarray(skipped);
		return new ItemBatch(this.section, offset, frames, places, this.#form);
	}

	/** The items, in order. */
	*[Symbol.iterator](): Generator<ReplayedItem, void, undefined> {
		for (let index = 0; index < this.length; index += 1) {
			yield this.at(index);
		}
	}

	#startOf(index: number): number {
		return this.#places[2 * index] ?? 0;
	}
}
