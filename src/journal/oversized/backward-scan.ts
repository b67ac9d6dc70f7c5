import type { CutReason } from "../report.ts";
import type { ValuePlace } from "../values/value.ts";

/** How many entries stand, and where their values end. */
export interface Standing {
	readonly count: number;
	/** Undefined where it cannot be known: then no value is cut. */
	readonly valueEnd: number | undefined;
	readonly why: readonly CutReason[];
	readonly isDamaged: boolean;
}

/** What is known of a section's entries while they are judged from the last one on. */
export class BackwardScan {
	/** The entries from here on are judged. */
	#end: number;
	/** The entries from here on are to be cut. */
	#kept: number;
	readonly #why = new Set<CutReason>();
	/** What would stand if no value that fails its checksum were cut for it. */
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

	/** The entries from `first` on, if any, have values that end past the end. */
	refuseFrom(first: number): void {
		if (first < this.#end) {
			this.#refuse(first, "value-missing");
		}
	}

	/**
	 * The last entry left has a value that fails its checksum. False where more of that than `window`
	 * bytes is found.
	 */
	refuseDamaged(place: ValuePlace, window: number): boolean {
		this.#undamaged ??= this.accept(place);
		this.#damagedBytes += place.size;
		this.#refuse(this.#end - 1, "value-damaged");
		return this.#damagedBytes <= window;
	}

	/** The last entry left is good. */
	accept({ offset, size }: ValuePlace): Standing {
		// Others that stand behind it cannot be read, so that nobody knows where their values end.
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
