import { Arena, type Region } from "../../../src/core/arena.ts";

/** An arena's bounds when it was first seen. */
const BOUNDS = new WeakMap<Arena, Pick<Region, "start" | "end">>();

const { tryAllocate, free } = Arena.prototype;

/** Importing this module makes every call of any arena check all of it. */
Arena.prototype.tryAllocate = function (this: Arena, size, alignment) {
	boundsOf(this);
	const address = tryAllocate.call(this, size, alignment);
	checkArena(this);
	return address;
};

Arena.prototype.free = function (this: Arena, address): void {
	free.call(this, address);
	checkArena(this);
};

/** Throws unless the regions cover the arena exactly once, and no two free ones are neighbours. */
export function checkArena(arena: Arena): void {
	const { regions } = arena;
	const { start, end } = boundsOf(arena);
	let at = start;
	let isBehindFree = false;
	for (const region of regions) {
		if (region.start !== at || region.end <= at) {
			throw broken(`a region begins at ${region.start}, not ${at}`, regions);
		}
		if (region.isFree && isBehindFree) {
			throw broken(`a free region is split at ${at}`, regions);
		}
		at = region.end;
		isBehindFree = region.isFree;
	}
	if (at !== end) {
		throw broken(`the regions end at ${at}, not ${end}`, regions);
	}
}

function boundsOf(arena: Arena): Pick<Region, "start" | "end"> {
	let bounds = BOUNDS.get(arena);
	if (bounds === undefined) {
		const { regions } = arena;
		const start = regions[0]?.start ?? 0;
		bounds = { start, end: regions.at(-1)?.end ?? start };
		BOUNDS.set(arena, bounds);
	}
	return bounds;
}

function broken(what: string, regions: readonly Region[]): Error {
	const all = regions.map(
		({ start, end, isFree }) => `${start}-${end}${isFree ? " free" : ""}`,
	);
	return new Error(`the arena is broken: ${what}; it has ${all.join(", ")}`);
}
