/** The mutants of codecs and compression. */
export const CODEC_MUTANTS = [
	{
		breaks: "compression: what a frame announces and holds is bounded",
		file: "src/forms/compressed-form.ts",
		find: "		refuseOver(sizeMax, contentSize ?? least);\n		const content = zstd.decompress(frame, sizeMax);\n		refuseOver(sizeMax, content.length);",
		replace:
			"		const content = zstd.decompress(frame, least + (contentSize ?? sizeMax));",
		noticedBy: {
			title:
				"a frame that announces more than is allowed, or holds more, is an error with its place, and nothing is cut for it",
		},
	},
	{
		breaks: "compression: nothing lies behind the one frame",
		file: "src/compression/frame.ts",
		find: "	if (end !== bytes.length) {",
		replace: "	if (end > bytes.length) {",
		noticedBy: {
			title:
				"what is not exactly one frame is an error with its place: nothing behind it, nothing before, no dictionary",
		},
	},
	{
		breaks: "compression: dualslot.json says what is compressed",
		file: "src/compression/options.ts",
		find: '	return { compression: "zstd" };',
		replace: "	return {};",
		noticedBy: {
			title:
				"dualslot.json records that a partition is compressed, or is not: it is opened no other way, but with another level",
		},
	},
	{
		breaks: "codec: a number has one encoding",
		file: "src/codec/reader.ts",
		find: "		const isPadding = byte === 0 && shift > 0;",
		replace: "		const isPadding = byte === 0 && shift > 99;",
		noticedBy: {
			title:
				"a varint that is not the shortest, or has bits beyond its type, is refused at the byte that is wrong",
		},
	},
	{
		breaks: "codec: nothing lies behind a value",
		file: "src/codec/codec.ts",
		find: "	if (reader.remaining > 0) {",
		replace: "	if (reader.remaining > 999_999) {",
		noticedBy: {
			title: "what is left over is refused by decode, and left by read",
		},
	},
	{
		breaks: "codec: what fails half-way leaves zeros",
		file: "src/codec/writer.ts",
		find: "			this.#bytes.fill(0, start, start + length);\n",
		replace: "",
		noticedBy: {
			title:
				"what is no value of a codec is a TypeError or RangeError, and leaves zeros where it was to lie",
		},
	},
];
