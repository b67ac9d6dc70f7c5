import type { ScriptShape } from "../support/rust/script-shape.ts";
import { placeOfValue } from "../support/rust/scripted-journal.ts";

const POINTER_WIDTH = 12;

/** A record that was appended: what the append answered, and the section's size behind it. */
interface Mark {
	readonly answer: string;
	readonly end: number;
}

/** The records that a copy holds as far as a script knows. */
export class Ledger {
	readonly #shape: ScriptShape;
	readonly #sections = new Map<bigint, Mark[]>();
	/** Of a glob's sections, by their offset: the bits in which bytes are not what was written. */
	readonly #flipped = new Map<bigint, Map<number, number>>();

	constructor(shape: ScriptShape) {
		this.#shape = shape;
	}

	appended(section: bigint, answers: string): void {
		const marks = this.#sections.get(section) ?? [];
		for (const answer of answers.split(" ")) {
			marks.push({ answer, end: this.#endOf(answer) });
		}
		this.#sections.set(section, marks);
	}

	/** Forgets what lies behind a section's new end. */
	cut(section: bigint, size: number): void {
		const marks = this.#sections.get(section) ?? [];
		this.#sections.set(
			section,
			marks.filter(({ end }) => end <= size),
		);
		const flipped = this.#flipped.get(section);
		for (const offset of flipped?.keys() ?? []) {
			if (offset >= size) {
				flipped?.delete(offset);
			}
		}
	}

	/** Of a glob, which cuts nothing for it: each value is looked at when it is asked for. */
	flip(section: bigint, offset: number, bits: number): void {
		const flipped = this.#flipped.get(section) ?? new Map<number, number>();
		flipped.set(offset, (flipped.get(offset) ?? 0) ^ bits);
		this.#flipped.set(section, flipped);
	}

	/** Whether a value is not what was written. */
	get isFlipped(): boolean {
		return [...this.#flipped].some(([section, flipped]) =>
			this.#sections.get(section)?.some(({ answer, end }) => {
				const start = Number.parseInt(answer, 10);
				return [...flipped].some(
					([at, bits]) => bits !== 0 && start <= at && at < end,
				);
			}),
		);
	}

	count(section: bigint): number {
		return this.#sections.get(section)?.length ?? 0;
	}

	/** The size of a section of which only the first records are left. */
	sizeOf(section: bigint, records: number): number {
		return this.#sections.get(section)?.[records - 1]?.end ?? 0;
	}

	/** Where all values lie, as `digest` of a glob takes them. */
	places(): string[] {
		return [...this.#sections].flatMap(([section, marks]) =>
			marks.map(({ answer }) => placeOfValue(section, answer)),
		);
	}

	#endOf(answer: string): number {
		const [first = 0, second = 0] = answer.split(":").map(Number);
		const { kind, itemSize } = this.#shape;
		switch (kind) {
			case "paged":
				return first;
			case "fixed":
				return (first + 1) * itemSize;
			case "variable":
				return first + varintLength(second) + second;
			case "glob":
				return first + second;
			case "oversized":
				return (first + 1) * (itemSize + POINTER_WIDTH);
		}
	}
}

/** Bytes of a length before an item. */
function varintLength(length: number): number {
	return Math.max(1, Math.ceil(Math.log2(length + 1) / 7));
}
