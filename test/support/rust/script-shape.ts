/** The kinds of journals for a script, and the blobs of checksummed pages below them. */
export const SCRIPTED_KINDS = [
	"paged",
	"fixed",
	"variable",
	"glob",
	"oversized",
] as const;

export type ScriptedKind = (typeof SCRIPTED_KINDS)[number];

/** A journal's parameters: all that its bytes do not record. */
export interface ScriptShape {
	readonly kind: ScriptedKind;
	readonly pageSize: number;
	/** The page cache's. */
	readonly pages: number;
	/** Bytes; a glob's are for values. */
	readonly writeBuffer: number;
	/** Bytes, for an oversized journal's values. */
	readonly valueBuffer: number;
	/** Bytes of a fixed entry, or of the key before the place of an oversized entry's value. */
	readonly itemSize: number;
	/** zstd's level; 0 without compression. */
	readonly level: number;
}

/** The line that opens a store, in the language of test/interop's programs. */
export function openLine(directory: string, shape: ScriptShape): string {
	const { kind, pageSize, pages, writeBuffer, valueBuffer } = shape;
	const sizes = [pageSize, pages, writeBuffer, valueBuffer];
	return ["open", directory, kind, ...sizes, shape.itemSize, shape.level].join(
		" ",
	);
}

/** The compression of a journal's values, if any. */
export function compressionOf({ level }: ScriptShape): {
	readonly compression?: number;
} {
	return level === 0 ? {} : { compression: level };
}

/** The shape in a line that opens a store; undefined for a kind that is not built in. */
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
