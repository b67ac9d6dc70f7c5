/** As MUTANTS, of how linear memory is shared out. */
export const MEMORY_MUTANTS = [
	{
		breaks: "an allocation of no bytes has an address of its own (#15.6)",
		file: "src/core/arena.ts",
		find: "		const length = aligned(Math.max(size, 1), ALIGNMENT);",
		replace: "		const length = aligned(size, ALIGNMENT);",
		noticedBy: {
			title:
				"an allocation of no bytes has an address of its own, and is freed by it",
			file: "test/core/arena.test.ts",
		},
	},
	{
		breaks: "memory that is given back joins what is free behind it (#15.6)",
		file: "src/core/arena.ts",
		find: "		const joinsAfter = after?.start === span.end;",
		replace: "		const joinsAfter = after?.start === span.end + 1;",
		noticedBy: {
			title:
				"a million random allocations lie where a model has them, none over another, and all of them go back",
			file: "test/core/arena.test.ts",
		},
	},
	{
		breaks: "reads wait for their turn rather than fail (#15.9)",
		file: "src/core/read-memory.ts",
		find: "			if (size > this.size) {",
		replace: "			if (size > 0) {",
		noticedBy: {
			title:
				"reads of more pages at once than there is memory for wait for their turn",
		},
	},
	{
		breaks: "a sync gives the write buffer back (#15.9)",
		file: "src/paged/flush.ts",
		find: "			this.#tip.giveBack();",
		replace: "			this.#tip.tryTake();",
		noticedBy: {
			title:
				"a paged blob takes its write buffer with the first append, and a sync gives it back",
		},
	},
	{
		breaks:
			"blobs that hold bytes are drained for one that has no memory (#15.9)",
		file: "src/core/write-memory.ts",
		find: "			if (other === undefined) {",
		replace: "			if (other === undefined || tried.size > 0) {",
		noticedBy: {
			title:
				"blobs that hold bytes back are drained, the one that does so for longest first, for one that has no memory",
		},
	},
];
