/** The kinds of journals that a script may be about, and the blobs of checksummed pages below them. */
export const SCRIPTED_KINDS = [
	"paged",
	"fixed",
	"variable",
	"glob",
	"oversized",
] as const;

export type ScriptedKind = (typeof SCRIPTED_KINDS)[number];

/** What a journal is opened with: all that its bytes do not record. */
export interface ScriptShape {
	readonly kind: ScriptedKind;
	readonly pageSize: number;
	/** Of the page cache. */
	readonly pages: number;
	/** Bytes; of a glob, of values. */
	readonly writeBuffer: number;
	/** Bytes; of an oversized journal's values. */
	readonly valueBuffer: number;
	/** Bytes of a fixed entry, or of the key that stands before the place of an oversized entry's value. */
	readonly itemSize: number;
	/** Of zstd; 0 for what is not compressed. */
	readonly level: number;
}

/** The line that opens a store, as the programs of test/interop read it. */
export function openLine(directory: string, shape: ScriptShape): string {
	const { kind, pageSize, pages, writeBuffer, valueBuffer } = shape;
	const sizes = [pageSize, pages, writeBuffer, valueBuffer];
	return ["open", directory, kind, ...sizes, shape.itemSize, shape.level].join(
		" ",
	);
}

/** How the values of a journal are compressed, if they are. */
export function compressionOf({ level }: ScriptShape): {
	readonly compression?: number;
} {
	return level === 0 ? {} : { compression: level };
}

/** The shape in a line that opens a store; undefined for one of a kind that is not built in. */
export function shapeIn(line: string): ScriptShape | undefined {
	const [, , name, ...numbers] = line.split(" ");
	const kind = SCRIPTED_KINDS.find((known) => known === name);
	const [
		pageSize = 0,
		pages = 0,
		writeBuffer = 0,
		valueBuffer = 0,
		itemSize = 0,
		level = 0,
	] = numbers.map(Number);
	return kind === undefined
		? undefined
		: { kind, pageSize, pages, writeBuffer, valueBuffer, itemSize, level };
}
