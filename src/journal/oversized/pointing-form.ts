import type { ValueFields } from "../../core/answers.ts";
import type { Core } from "../../core/core.ts";
import type { Form } from "../../forms/form.ts";
import type { ValuePlace } from "../values/value.ts";

/** The form of an entry whose value's place is filled in. */
export class PointingForm<Entry> implements Form<Entry> {
	readonly isMadeFirst = false;
	readonly #form: Form<Entry>;
	readonly #core: Core;
	readonly #fields: ValueFields;
	readonly #place: ValuePlace;

	constructor(
		form: Form<Entry>,
		core: Core,
		fields: ValueFields,
		place: ValuePlace,
	) {
		this.#form = form;
		this.#core = core;
		this.#fields = fields;
		this.#place = place;
	}

	sizeOf(entry: Entry): number {
		return this.#form.sizeOf(entry);
	}

	bytesOf(entry: Entry): Uint8Array {
		const { offset, size } = this.#place;
		const bytes = this.#form.bytesOf(entry).slice();
		this.#core.records.putPlace(bytes, this.#fields, offset, size);
		return bytes;
	}

	put(core: Core, address: number, entrySize: number, entry: Entry): void {
		const { offset, size } = this.#place;
		this.#form.put(core, address, entrySize, entry);
		const bytes = core.bytes(address, entrySize);
		core.records.putPlace(bytes, this.#fields, offset, size);
	}

	contentOf(bytes: Uint8Array): Uint8Array {
		return bytes;
	}

	read(bytes: Uint8Array, section: bigint, offset: number): Entry {
		return this.#form.read(bytes, section, offset);
	}
}
