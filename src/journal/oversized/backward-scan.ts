import type { CutReason } from "../report.ts";
import type { ValuePlace } from "../values/value.ts";

/** How many entries are kept, and where their values end. */
export interface Standing {
	readonly count: number;
	/** Undefined if unknown: then no value is cut. */
	readonly valueEnd: number | undefined;
	readonly why: readonly CutReason[];
	readonly isDamaged: boolean;
}

/** The state of a check of a section's entries, from the last one backwards. */
export class BackwardScan {
	/** The entries from here on are judged. */
	#end: number;
	/** The entries from here on are to be cut. */
	#kept: number;
	readonly #why = new Set<CutReason>();
	/** The result without cuts for failed checksums. */
	#undamaged: Standing | undefined;
	#damagedBytes = 0;

	constructor(count: number) {
		this.#end = count;
		this.#kept = count;
	}

	/** How many entries are not yet judged. */
	get left(): number {
		return this.#end;
	}

	/** The entries from `first` on cannot be read. */
	passOver(first: number): void {
		this.#end = first;
	}

	/** The entries from `first` on are lost with the value of the first of them. */
	refuseLost(first: number, why: CutReason): void {
		this.#refuse(first, why);
	}

	/** The entries from `first` on, if any, have values that end past the end. */
	refuseFrom(first: number): void {
		if (first < this.#end) {
			this.#refuse(first, "value-missing");
		}
	}

	/**
	 * The value of the last entry left fails its checksum. False once such values exceed `window`
	 * bytes.
	 */
	refuseDamaged(place: ValuePlace, window: number): boolean {
		this.#undamaged ??= this.accept(place);
		this.#damagedBytes += place.size;
		this.#refuse(this.#end - 1, "value-damaged");
		return this.#damagedBytes <= window;
	}

	/** The last entry left is good. */
	accept({ offset, size }: ValuePlace): Standing {
		// Kept entries behind this one cannot be read, so the end of their values is unknown.
		const isDamaged = this.#kept !== this.#end;
		const valueEnd = isDamaged ? undefined : offset + size;
		return { ...this.#cut, valueEnd, isDamaged };
	}

	/** No entry is good. */
	acceptNone(): Standing {
		const isDamaged = this.#kept > 0;
		const valueEnd = isDamaged ? undefined : 0;
		return { ...this.#cut, valueEnd, isDamaged };
	}

	/** No crash explains so many values that fail their checksums. */
	acceptDamaged(): Standing {
		return { ...(this.#undamaged ?? this.acceptNone()), isDamaged: true };
	}

	get #cut(): { count: number; why: readonly CutReason[] } {
		return { count: this.#kept, why: [...this.#why] };
	}

	#refuse(first: number, why: CutReason): void {
		this.#why.add(why);
		this.#kept = first;
		this.#end = first;
	}
}
