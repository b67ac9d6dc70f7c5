import type { Random } from "../support/runs/prng.ts";
import type {
	ScriptedKind,
	ScriptShape,
} from "../support/rust/script-shape.ts";

const PAGE_SIZES = [16, 31, 64, 64, 128, 512, 1024, 4096];
/** Those that the programs are built for. */
const ENTRY_SIZES = [1, 8, 20, 32, 100];
const KEY_SIZES = [0, 8, 40];
/** Of zstd, 0 for none. */
const LEVELS = [0, 0, 1, 3, 19];
const SECTIONS = [0n, 1n, 2n, 3n, 7n, 300n, 2n ** 40n, 2n ** 64n - 2n];

export function randomShape(random: Random, kind: ScriptedKind): ScriptShape {
	const pageSize = random.pick(PAGE_SIZES);
	return {
		kind,
		pageSize,
		pages: random.integer(2, 9),
		writeBuffer: random.pick([1, pageSize * random.integer(1, 5), 65_536]),
		valueBuffer: random.pick([16, 100, 700, 65_536]),
		itemSize: random.pick(kind === "oversized" ? KEY_SIZES : ENTRY_SIZES),
		level: isCompressible(kind) ? random.pick(LEVELS) : 0,
	};
}

function isCompressible(kind: ScriptedKind): boolean {
	return kind === "variable" || kind === "glob" || kind === "oversized";
}

/** Few, so that one that was removed is soon made again. */
export function randomSections(random: Random): bigint[] {
	return random.shuffle(SECTIONS).slice(0, random.integer(1, 5));
}

/** Items as text, as an `append` has them. */
export function randomItems(random: Random, shape: ScriptShape): string[] {
	const count = random.pick([1, 1, 2, 3, random.integer(1, 40)]);
	return Array.from({ length: count }, () => randomItem(random, shape));
}

function randomItem(
	random: Random,
	{ kind, itemSize, pageSize }: ScriptShape,
): string {
	const key = hexOf(random.bytes(itemSize));
	if (kind === "fixed") {
		return key;
	}
	const lengths = [0, 1, 4, 5, 16, 40, 100, pageSize, pageSize + 1, 600];
	const length = random.pick(lengths);
	const isEven = random.integer(0, 2) === 0;
	const value = isEven
		? hexOf(random.bytes(1)).repeat(length)
		: hexOf(random.bytes(length));
	return kind === "oversized" ? `${key}:${value}` : value;
}

function hexOf(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("hex");
}
