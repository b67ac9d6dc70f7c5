/** As MUTANTS, of how linear memory is shared out. */
export const MEMORY_MUTANTS = [
	{
		breaks: "an allocation of no bytes has an address of its own",
		file: "src/arena.ts",
		find: "		const length = aligned(Math.max(size, 1), ALIGNMENT);",
		replace: "		const length = aligned(size, ALIGNMENT);",
	},
	{
		breaks: "memory that is given back joins what is free behind it",
		file: "src/arena.ts",
		find: "		const joinsAfter = after?.start === span.end;",
		replace: "		const joinsAfter = after?.start === span.end + 1;",
	},
	{
		breaks: "reads wait for their turn rather than fail",
		file: "src/read-memory.ts",
		find: "			if (size > this.size) {",
		replace: "			if (size > 0) {",
	},
	{
		breaks: "a sync gives the write buffer back",
		file: "src/page-flush.ts",
		find: "			this.#tip.giveBack();",
		replace: "			this.#tip.tryTake();",
	},
	{
		breaks: "blobs that hold bytes are drained for one that has no memory",
		file: "src/write-memory.ts",
		find: "			if (other === undefined) {",
		replace: "			if (other === undefined || tried.size > 0) {",
	},
];
