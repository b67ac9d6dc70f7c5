/** The mutants of what a clean close leaves, and of what others have changed since. */
export const LEFT_MUTANTS = [
	{
		breaks:
			"what a clean close leaves is durable before the marker goes (#15.14)",
		file: "src/storage.ts",
		find: "		await this.left.write((partition) => this.#partitions.isDurable(partition));\n		await this.marker.lower(await this.#blobsOwed());",
		replace:
			"		await this.marker.lower(await this.#blobsOwed());\n		await this.left.write((partition) => this.#partitions.isDurable(partition));",
	},
	{
		breaks: "what a clean close left counts only where no marker is (#15.14)",
		file: "src/left-files.ts",
		find: "		if (found !== undefined && !options.foundMarker) {",
		replace: "		if (found !== undefined) {",
	},
	{
		breaks: "a file whose last bytes are others is told (#15.14)",
		file: "src/left-files.ts",
		find: "			if (bytes === undefined || hex(bytes) !== as?.end) {",
		replace: "			if (bytes === undefined) {",
	},
	{
		breaks: "a file that was changed is written down as it is now (#15.14)",
		file: "src/left-files.ts",
		find: "		if (isChanged || this.#known(path)?.as === undefined) {",
		replace: "		if (this.#known(path)?.as === undefined) {",
	},
	{
		breaks: "a name that a session has removed is not missing (#15.14)",
		file: "src/partitions.ts",
		find: "		this.#left.removed(path);",
		replace: "",
	},
];
