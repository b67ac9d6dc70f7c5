import { imports } from "./imports.ts";

/** The rooms of src/, from the ground up. A room may import those below it; rooms of one storey import each other. */
const STOREYS: readonly (readonly string[])[] = [
	["errors.ts", "refusals.ts", "checks.ts", "bytes.ts", "json.ts"],
	["turns"],
	["core"],
	["host"],
	["storage"],
	["paged"],
	["codec", "forms", "compression"],
	["journal"],
	["index.ts"],
];

/** Rooms that stand beside the others, and what they stand on: files of dualslot's own, and the lock, are a directory's and no blob's. */
const BESIDE: Readonly<Record<string, RegExp>> = {
	packed: storeysUpTo("host", "storage/own-files/|storage/lock\\.ts$"),
	transfer: storeysUpTo("storage"),
};

/** Imports of src/, of types too, that go up, or into a room beside. */
export function arrowsUp(): string[] {
	return withinSrc()
		.filter(({ from, to }) => !mayImport(from, to))
		.map(({ from, to }) => `${from} → ${to}`);
}

/** The files of src/ that import each other in a circle, by whatever way, of types too. */
export function circles(): string[] {
	const above = new Map<string, Set<string>>();
	for (const { from, to } of withinSrc()) {
		above.set(from, (above.get(from) ?? new Set()).add(to));
	}
	return [...above.keys()].filter((path) => reaches(above, path));
}

/** The entries of src/, as it has them. */
export function roomsOfSrc(): string[] {
	const rooms = withinSrc().flatMap(({ from, to }) => [from, to]);
	return [...new Set(rooms.map(roomIn))].sort();
}

/** The entries of src/ that the storeys have a place for. */
export const ROOMS: string[] = [
	...STOREYS.flat(),
	...Object.keys(BESIDE),
].sort();

function withinSrc() {
	return imports.filter(
		({ from, to }) => from.startsWith("src/") && to.startsWith("src/"),
	);
}

function mayImport(from: string, to: string): boolean {
	const [own, other] = [roomIn(from), roomIn(to)];
	if (own === other || own === "index.ts") {
		return true;
	}
	const beside = BESIDE[own];
	return beside === undefined
		? storeyOf(other) >= 0 && storeyOf(other) <= storeyOf(own)
		: beside.test(to);
}

function roomIn(path: string): string {
	return path.split("/")[1] ?? "";
}

function storeyOf(room: string): number {
	return STOREYS.findIndex((rooms) => rooms.includes(room));
}

function storeysUpTo(room: string, more = "(?!)"): RegExp {
	const rooms = STOREYS.slice(0, storeyOf(room) + 1).flat();
	return new RegExp(`^src/(${rooms.join("|")}|${more})`);
}

/** Whether imports lead from a file back to it. */
function reaches(
	above: ReadonlyMap<string, ReadonlySet<string>>,
	start: string,
): boolean {
	const reached = new Set(above.get(start));
	for (const path of reached) {
		for (const next of above.get(path) ?? []) {
			reached.add(next);
		}
	}
	return reached.has(start);
}
