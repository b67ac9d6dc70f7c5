import type { Core } from "../core/core.ts";
import type { Content } from "../paged/tip.ts";
import type { Form } from "./form.ts";

/** A value of `size` bytes, in its form and nothing around it. */
export class FormContent<T> implements Content {
	readonly size: number;
	readonly #form: Form<T>;
	readonly #value: T;

	constructor(form: Form<T>, value: T, size: number) {
		this.size = size;
		this.#form = form;
		this.#value = value;
	}

	put(core: Core, address: number): void {
		this.#form.put(core, address, this.size, this.#value);
	}

	parts(): readonly Uint8Array[] {
		return [this.#form.bytesOf(this.#value)];
	}
}
