/** The mutants of the core. */
export const CORE_MUTANTS = [
	{
		breaks: "a value of a run lies within the run, whatever its size says",
		file: "assembly/record/value.ts",
		find: "			size > end - at ||\n",
		replace: "",
		noticedBy: {
			title:
				"the values of a run are counted up to the first that is not whole, whatever their sizes say",
			file: "test/core/values.test.ts",
		},
	},
	{
		breaks: "values of a run lie one behind the other",
		file: "assembly/record/entry.ts",
		find: "		if (offset !== end || size > left) {",
		replace: "		if (size > left) {",
		noticedBy: {
			title:
				"the values of a run are those that a search in JavaScript finds one behind the other",
			file: "test/core/values.test.ts",
		},
	},
	{
		breaks: "a slot counts only with its checksum",
		file: "assembly/page/slot.ts",
		find: "	return crc32c(page, length, 0) === slotCrc(slot) ? SLOT_VALID : SLOT_MISMATCH;",
		replace:
			"	return crc32c(page, length, 0) === slotCrc(slot) ? SLOT_VALID : SLOT_VALID;",
		noticedBy: {
			title:
				"of a slot that is empty and one that is mismatch, the one of the table counts",
			file: "test/core/slot.test.ts",
		},
	},
	{
		breaks: "the protected slot is written around",
		file: "assembly/page/plan.ts",
		find: "		return planTwo(committed, pageSize, secondSlot, end);",
		replace: "		return planOne(committed, end);",
		noticedBy: {
			title:
				"with the first slot kept, new data and the second slot are two writes: the kept slot lies between",
			file: "test/core/plan.test.ts",
		},
	},
	{
		breaks: "nothing that a CRC-32C left in its scratch reaches the next",
		file: "assembly/crc/hybrid-castagnoli.ts",
		find: "	clear(RING, ROUND);\n",
		replace: "",
		noticedBy: {
			title: "CRC-32C finds nothing of a call that trapped halfway",
			file: "test/core/crc32.test.ts",
		},
	},
	{
		breaks: "nothing that a CRC-32 left in its scratch reaches the next",
		file: "assembly/crc/hybrid-iso.ts",
		find: "	clearRing();\n",
		replace: "",
		noticedBy: {
			title: "CRC-32 finds nothing of a call that trapped halfway",
			file: "test/core/crc32.test.ts",
		},
	},
	{
		breaks: "after the last quotient of a CRC-32C there are zeros",
		file: "assembly/crc/hybrid-castagnoli.ts",
		find: "	clear(RING + ROUND, 64);\n",
		replace: "	clear(RING + ROUND, 48);\n",
		noticedBy: {
			title:
				"CRC-32C is the same at every alignment, near its thresholds and rounds",
			file: "test/core/crc32.test.ts",
		},
	},
	{
		breaks: "after the last quotient of a CRC-32 there are zeros",
		file: "assembly/crc/hybrid-iso.ts",
		find: "	v128.store(RING, NO, ROUND);\n",
		replace: "",
		noticedBy: {
			title:
				"CRC-32 is the same at every alignment, near its thresholds and rounds",
			file: "test/core/crc32.test.ts",
		},
	},
	{
		breaks: "what came before a message is carried into its first bytes only",
		file: "assembly/crc/hybrid-castagnoli.ts",
		find: "		carried = NO;\n",
		replace: "",
		noticedBy: {
			title:
				"CRC-32C is the same at every alignment, near its thresholds and rounds",
			file: "test/core/crc32.test.ts",
		},
	},
	{
		breaks: "a divisor is a multiple of its polynomial",
		file: "assembly/crc/hybrid-castagnoli.ts",
		find: "ROUND - 198)",
		replace: "ROUND - 197)",
		noticedBy: {
			title:
				"assembly/crc/hybrid-castagnoli.ts divides by the distances that it states",
			file: "test/core/crc32-divisors.test.ts",
		},
	},
	{
		breaks: "what a ring leaves of a message is not lost",
		file: "assembly/crc/hybrid-iso.ts",
		find: "	return afterWindowIso(0, RING, left);",
		replace: "	return afterWindowIso(0, RING, ROUND);",
		noticedBy: {
			title:
				"CRC-32 is the same at every alignment, near its thresholds and rounds",
			file: "test/core/crc32.test.ts",
		},
	},
	{
		breaks: "variable journal: an announced size is bounded",
		file: "assembly/record/frame.ts",
		find: "	if (loadResult(SCANNED_SIZE) > sizeMax) {",
		replace: "	if (loadResult(SCANNED_SIZE) > sizeMax && available === 0) {",
		noticedBy: {
			title:
				"an item is bounded by maxItemSize, whatever its length announces, and no memory is taken for more",
		},
	},
	{
		breaks: "variable journal: a number has one encoding",
		file: "assembly/record/frame.ts",
		find: "		if (at > 0 && byte === 0) {",
		replace: "		if (at > 5 && byte === 0) {",
		noticedBy: {
			title:
				"a varint of more than 32 bits, and one that could be shorter, are refused",
			file: "test/core/frames.test.ts",
		},
	},
	{
		breaks: "variable journal: a varint has 32 bits",
		file: "assembly/record/frame.ts",
		find: "byte > LAST_BYTE_MAX",
		replace: "byte > LAST_BYTE_MAX + 16",
		noticedBy: {
			title:
				"a varint of more than 32 bits, and one that could be shorter, are refused",
			file: "test/core/frames.test.ts",
		},
	},
];
