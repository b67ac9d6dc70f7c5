import { uvarintSize } from "../../codec/varints.ts";
import type { Core } from "../../core/core.ts";
import type { Form } from "../../forms/form.ts";
import type { Content } from "../../paged/tip.ts";

/**
 * An item as it lies in a section.
 *
 *    | length of the item: varint, 1 to 5 bytes | item |
 */
export class FramedItem<T> implements Content {
	readonly size: number;
	readonly #form: Form<T>;
	readonly #item: T;
	/** Bytes of the item alone. */
	readonly #itemSize: number;

	constructor(form: Form<T>, item: T, itemSize: number) {
		this.size = uvarintSize(itemSize) + itemSize;
		this.#form = form;
		this.#item = item;
		this.#itemSize = itemSize;
	}

	/** Writes the item first: if that throws, no length is there either. */
	put(core: Core, address: number): void {
		const at = address + this.size - this.#itemSize;
		this.#form.put(core, at, this.#itemSize, this.#item);
		core.records.encodeVarint(address, this.#itemSize);
	}

	parts(core: Core): readonly Uint8Array[] {
		const item = this.#form.bytesOf(this.#item);
		return [core.records.varint(item.length), item];
	}
}
