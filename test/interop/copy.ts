import type { ScriptShape } from "../support/rust/script-shape.ts";
import { Ledger } from "./ledger.ts";

/** One of the two stores that a script fills with the same records, and what is known of them. */
export class Copy {
	readonly directory: string;
	readonly ledger: Ledger;

	constructor(directory: string, shape: ScriptShape) {
		this.directory = directory;
		this.ledger = new Ledger(shape);
	}
}
