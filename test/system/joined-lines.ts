/** What `strace -f` wrote, a line for each call: one that another thread interrupts stands there on two. */
export function joinedLines(trace: string): string[] {
	const begun = new Map<string, string>();
	return trace.split("\n").flatMap((line) => {
		const thread = line.slice(0, line.indexOf(" "));
		if (line.includes("<unfinished ...>")) {
			begun.set(thread, line.replace(/\s*<unfinished \.\.\.>.*$/, ""));
			return [];
		}
		const resumed = line.match(/<\.\.\. \w+ resumed>(.*)$/);
		return resumed === null
			? [line]
			: [`${begun.get(thread) ?? ""}${resumed[1]}`];
	});
}
