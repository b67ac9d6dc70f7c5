import {
	PAGE_SIZE_MAX,
	VALUE_FIELD_WIDTH_MAX,
	VALUE_OFFSET_WIDTH,
	VALUE_SIZE_WIDTH,
} from "../../../assembly/format.ts";
import { isPartitionName } from "../names.ts";
import { UNSYNCED_WINDOW } from "../unsynced-window.ts";

/**
 * What a partition holds and how: parameters that its bytes do not record. An open with wrong ones
 * would cut data.
 */
export type PartitionConfig =
	| { readonly kind: "paged"; readonly pageSize: number }
	| {
			readonly kind: "fixed";
			readonly pageSize: number;
			readonly entry: { readonly size: number };
	  }
	| {
			readonly kind: "variable";
			readonly pageSize: number;
			readonly compression?: "zstd";
	  }
	/** `index` is the partition of the entries that point at the values, where there is one. */
	| {
			readonly kind: "glob";
			readonly index?: string;
			readonly compression?: "zstd";
	  }
	| {
			readonly kind: "oversized";
			readonly pageSize: number;
			readonly entry: {
				readonly size: number;
				readonly offsetAt: number;
				readonly sizeAt: number;
				/** Absent where it is 8. */
				readonly offsetWidth?: number;
				/** Absent where it is 4. */
				readonly sizeWidth?: number;
			};
			/** The partition of the values. */
			readonly values: string;
	  };

/**
 * The entries of an oversized journal: their size, and where in them a value's offset and size are.
 */
export type PointingEntry = Extract<
	PartitionConfig,
	{ kind: "oversized" }
>["entry"];

type Fields = Readonly<Record<string, unknown>>;
type Rule = (value: unknown) => boolean;

const FIELDS: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
	paged: { pageSize: isPageSize },
	fixed: { pageSize: isPageSize, entry: isEntry },
	variable: { pageSize: isPageSize, compression: isCompression },
	glob: {
		index: (value) => value === undefined || isPartition(value),
		compression: isCompression,
	},
	oversized: {
		pageSize: isPageSize,
		entry: isPointingEntry,
		values: isPartition,
	},
};

/** What each partition holds; `refuse` is called for the first invalid one. */
export function partitionsIn(
	value: unknown,
	refuse: (reason: string) => never,
): ReadonlyMap<string, PartitionConfig> {
	const partitions = new Map<string, PartitionConfig>();
	for (const [name, config] of Object.entries(fieldsOf(value))) {
		if (!isPartitionName(name) || !isPartitionConfig(config)) {
			const said = JSON.stringify({ [name]: config });
			refuse(`${said} is no partition and what it holds`);
		}
		partitions.set(name, config);
	}
	return partitions;
}

/** Whether an entry of `size` bytes has room for a value's offset and its size, apart. */
export function isPointing({
	size,
	offsetAt,
	sizeAt,
	offsetWidth = VALUE_OFFSET_WIDTH,
	sizeWidth = VALUE_SIZE_WIDTH,
}: PointingEntry): boolean {
	const offsetEnd = offsetAt + offsetWidth;
	const sizeEnd = sizeAt + sizeWidth;
	const isWithin = offsetEnd <= size && sizeEnd <= size;
	return isWithin && (offsetEnd <= sizeAt || sizeEnd <= offsetAt);
}

function isPartitionConfig(value: unknown): value is PartitionConfig {
	const { kind, ...fields } = fieldsOf(value);
	const isKind = typeof kind === "string" && Object.hasOwn(FIELDS, kind);
	return isKind && fits(fields, FIELDS[kind] ?? {});
}

/** Whether every field passes its rule, and there is no other. */
function fits(fields: Fields, rules: Readonly<Record<string, Rule>>): boolean {
	const isKnown = Object.keys(fields).every((key) => Object.hasOwn(rules, key));
	const entries = Object.entries(rules);
	return isKnown && entries.every(([key, rule]) => rule(fields[key]));
}

function fieldsOf(value: unknown): Fields {
	return typeof value === "object" && value !== null ? { ...value } : {};
}

function isPageSize(value: unknown): value is number {
	return isWhole(value, 1) && value <= PAGE_SIZE_MAX;
}

function isCompression(value: unknown): boolean {
	return value === undefined || value === "zstd";
}

function isPartition(value: unknown): boolean {
	return typeof value === "string" && isPartitionName(value);
}

function isEntry(value: unknown): boolean {
	return fits(fieldsOf(value), { size: isEntrySize });
}

function isPointingEntry(value: unknown): boolean {
	const fields = fieldsOf(value);
	const { size, offsetAt, sizeAt } = fields;
	const { offsetWidth = VALUE_OFFSET_WIDTH, sizeWidth = VALUE_SIZE_WIDTH } =
		fields;
	const isAll = fits(fields, {
		size: isEntrySize,
		offsetAt: isPlace,
		sizeAt: isPlace,
		offsetWidth: isWidthBut(VALUE_OFFSET_WIDTH),
		sizeWidth: isWidthBut(VALUE_SIZE_WIDTH),
	});
	return (
		isAll &&
		isPointing({
			size: Number(size),
			offsetAt: Number(offsetAt),
			sizeAt: Number(sizeAt),
			offsetWidth: Number(offsetWidth),
			sizeWidth: Number(sizeWidth),
		})
	);
}

/** The usual width is said by saying none: what is the same is written in one way. */
function isWidthBut(usual: number): Rule {
	return (value) =>
		value === undefined ||
		(isWhole(value, 1) && value <= VALUE_FIELD_WIDTH_MAX && value !== usual);
}

function isEntrySize(value: unknown): boolean {
	return isWhole(value, 1) && value <= UNSYNCED_WINDOW;
}

function isPlace(value: unknown): boolean {
	return isWhole(value, 0);
}

function isWhole(value: unknown, least: number): value is number {
	return Number.isSafeInteger(value) && Number(value) >= least;
}
