/** The mutants of the ring. */
export const RING_MUTANTS = [
	{
		breaks: "ring: a completion counts once",
		file: "hosts/node/io-uring/in-flight.ts",
		find: "		if (request === undefined || this.#uses[slot] !== use) {",
		replace: "		if (request === undefined) {",
		noticedBy: {
			title:
				"a completion of what completed before breaks the ring, and what is in flight is given back when it has completed",
			file: "test/node/ring.test.ts",
		},
	},
	{
		breaks: "ring: no more is in flight than it has entries",
		file: "hosts/node/io-uring/in-flight.ts",
		find: "		return this.#free.length === 0;",
		replace: "		return this.#free.length === Number.NaN;",
		noticedBy: {
			title:
				"operations of one turn are handed over in one call, as many as the ring has entries, and those beyond as they complete",
			file: "test/node/ring.test.ts",
		},
	},
	{
		breaks:
			"ring: an operation that the kernel was called away from is made again",
		file: "hosts/node/io-uring/io-uring.ts",
		find: "			this.#queued.push(request);\n		} else {",
		replace: "			resolve(0);\n		} else {",
		noticedBy: {
			title: "an operation that completes with EINTR is handed over again",
			file: "test/node/ring.test.ts",
		},
	},
	{
		breaks: "ring: what was never taken is given back when the ring breaks",
		file: "hosts/node/io-uring/io-uring.ts",
		find: "		for (const request of [...neverTaken, ...this.#queued.splice(0)]) {",
		replace: "		for (const request of neverTaken.slice(neverTaken.length)) {",
		noticedBy: {
			title:
				"a ring that can no longer be entered takes nothing, and gives back what the kernel never took",
			file: "test/node/ring.test.ts",
		},
	},
	{
		breaks: "ring: memory is given back when the kernel is done with it",
		file: "hosts/node/io-uring/io-uring.ts",
		find: "		const neverTaken = this.#submissions\n",
		replace:
			"		for (let slot = 0; slot < 256; slot += 1) {\n			for (let use = 0; use < 4; use += 1) {\n				this.#inFlight.take({ slot, use })?.reject(failure);\n			}\n		}\n		const neverTaken = this.#submissions\n",
		noticedBy: {
			title:
				"a completion of what never was breaks the ring, and what is in flight is given back when it has completed",
			file: "test/node/ring.test.ts",
		},
	},
	{
		breaks: "ring: fixed memory is what was registered, to its end",
		file: "hosts/node/io-uring/fixed-memory.ts",
		find: "				address + length <= region.address + region.length,",
		replace: "				address < region.address + region.length,",
		noticedBy: {
			title:
				"a write goes by fixed file, and by fixed memory where all of it was pinned",
			file: "test/node/ring-file.test.ts",
		},
	},
	{
		breaks: "ring: a file's place is free again when it is closed",
		file: "hosts/node/io-uring/fixed-files.ts",
		find: "		if (index !== undefined && this.#update(index, NO_FILE)) {",
		replace: "		if (index !== undefined && index < 0) {",
		noticedBy: {
			title:
				"files beyond those that the ring has places for go by their descriptors, and a place is used again",
			file: "test/node/ring-file.test.ts",
		},
	},
	{
		breaks: "ring: a file is closed when nothing of it is in flight",
		file: "hosts/node/io-uring/ring-file.ts",
		find: "		await this.settled();\n",
		replace: "",
		noticedBy: {
			title: "closing waits for what is in flight",
			file: "test/node/ring.test.ts",
		},
	},
	{
		breaks: "ring: a write that came up short goes on",
		file: "hosts/node/io-uring/ring-file.ts",
		find: "			position += count;\n			rest = withoutFirst(rest, count);\n",
		replace:
			"			position += count;\n			rest = withoutFirst(rest, Number.MAX_SAFE_INTEGER * count);\n",
		noticedBy: {
			title: "a transfer that comes up short goes on where it ended",
			file: "test/node/ring-file.test.ts",
		},
	},
	{
		breaks: "ring: a read of many targets ends with the first short one",
		file: "hosts/node/io-uring/ring-file.ts",
		find: "		const whole = short < 0 ? counts : counts.slice(0, short + 1);",
		replace: "		const whole = short < 0 ? counts : counts.slice(0, short);",
		noticedBy: {
			title: "targets are filled in their order when the file ends among them",
			file: "test/node/ring-file.test.ts",
		},
	},
	{
		breaks: "ring: only what lies in one region is moved as such",
		file: "hosts/node/io-uring/ring-file.ts",
		find: "group !== undefined && its === region && isTogether",
		replace: "group !== undefined && isTogether",
		noticedBy: {
			title:
				"parts of one region go together where the kernel takes them so, wherever in it they lie",
			file: "test/node/ring-file.test.ts",
		},
	},
	{
		breaks: "ring: a synced write is synced",
		file: "hosts/node/io-uring/ring-file.ts",
		find: "const flags = synced ? RWF_DSYNC : NO_FLAGS;",
		replace: "const flags = synced ? NO_FLAGS : NO_FLAGS;",
		noticedBy: {
			title:
				"a sync asks for the bytes alone, a synced write for its own, and a directory's sync for all",
			file: "test/node/ring-file.test.ts",
		},
	},
];
