import { uvarintSize } from "../../codec/varints.ts";
import type { Core } from "../../core/core.ts";
import { BYTES_FORM, type Form } from "../../forms/form.ts";
import type { Content } from "../../paged/tip.ts";

/**
 * Items as they lie in a section.
 *
 *    | length of the item: varint, 1 to 5 bytes | item |
 */
export class FramedItems<T> implements Content<T> {
	readonly form: Form<T>;

	constructor(form: Form<T>) {
		this.form = form;
	}

	spanOf(size: number): number {
		return uvarintSize(size) + size;
	}

	/** Writes the item first: if that throws, no length is there either. */
	put(core: Core, address: number, size: number, item: T): void {
		this.form.put(core, address + uvarintSize(size), size, item);
		core.records.encodeVarint(address, size);
	}

	parts(core: Core, item: T): readonly Uint8Array[] {
		const bytes = this.form.bytesOf(item);
		return [core.records.varint(bytes.length), bytes];
	}
}

/** Items that are bytes. */
export const FRAMED_BYTES = new FramedItems(BYTES_FORM);
