import type { Core } from "../core/core.ts";
import type { Content } from "../paged/tip.ts";
import type { Form } from "./form.ts";

/** Values in their form, and nothing around them. */
export class FormContent<T> implements Content<T> {
	readonly form: Form<T>;

	constructor(form: Form<T>) {
		this.form = form;
	}

	spanOf(size: number): number {
		return size;
	}

	put(core: Core, address: number, size: number, value: T): void {
		this.form.put(core, address, size, value);
	}

	parts(_core: Core, value: T): readonly Uint8Array[] {
		return [this.form.bytesOf(value)];
	}
}
