/**
 * Tests that are kept under another name than the record's, whole: the old name and the new. A count that shrinks with the share
 * of a run is no part of a name; and what an old name said may have been found wrong.
 */
export const RENAMED: Readonly<Record<string, string>> = {
	"2000 power cuts recover here to the reports and bytes that they recover to everywhere":
		"power cuts recover here to the reports and bytes that they recover to everywhere",
	"CRC-32C and CRC-32 are those of their definition, in a million random cases":
		"CRC-32C and CRC-32 are those of their definition, in random cases",
	"500000 random operations at any depth find and leave the right bytes, in a kernel that completes them in any order, in part, or not":
		"random operations at any depth find and leave the right bytes, in a kernel that completes them in any order, in part, or not",
	"500000 random operations at any depth find and leave the right bytes, in this machine's kernel, which is asked for less than it was, or for what is not there":
		"random operations at any depth find and leave the right bytes, in this machine's kernel, which is asked for less than it was, or for what is not there",
	"opening a fixed journal of 10000 sections takes two reads of each, no sync, and few open files":
		"opening a fixed journal of very many sections takes two reads of each, no sync, and few open files",
	"opening a fixed journal of 500 sections (10,000 where files are made faster) takes two reads of each, no sync, and few open files":
		"opening a fixed journal of very many sections takes two reads of each, no sync, and few open files",
	"opening an oversized journal of 10000 sections takes six reads of each at most, no sync, and few open files":
		"opening an oversized journal of very many sections takes six reads of each at most, no sync, and few open files",
	"opening an oversized journal of 500 sections (10,000 where files are made faster) takes six reads of each at most, no sync, and few open files":
		"opening an oversized journal of very many sections takes six reads of each at most, no sync, and few open files",
	"opening a glob of 10000 sections takes one list, and opens none":
		"opening a glob of very many sections takes one list, and opens none",
	"opening a glob of 500 sections (10,000 where files are made faster) takes one list, and opens none":
		"opening a glob of very many sections takes one list, and opens none",
	"fixed journals leave the files that commonware's do (SegmentedFixed, 512 seeds)":
		"fixed journals leave the files that commonware's do (SegmentedFixed)",
	"variable journals leave the files that commonware's do (SegmentedVariable, 512 seeds)":
		"variable journals leave the files that commonware's do (SegmentedVariable)",
	"globs leave the files that commonware's do (SegmentedGlob, 512 seeds)":
		"globs leave the files that commonware's do (SegmentedGlob)",
	"oversized journals leave the files that commonware's do (SegmentedOversized, 512 seeds)":
		"oversized journals leave the files that commonware's do (SegmentedOversized)",
	"what could not be removed is missing, and why is the cause":
		"what could not be removed is not missing for that: ERR_IO, and why is the cause",
	"each error code is declared, used, and in the README's table":
		"each error code is declared, used, and in the table of docs/errors.md",
	"an engine without SIMD is refused, in the README's words":
		"an engine without SIMD is refused, in the words of docs/platforms.md",
	"Windows is refused where it would have to lock, in the README's words":
		"Windows is refused where it would have to lock, in the words of docs/platforms.md",
	"the README names four releases of Node or more":
		"docs/platforms.md names four releases of Node or more",
	"another runtime is refused in the README's words, before anything is touched":
		"another runtime is refused in the words of docs/platforms.md, before anything is touched",
	"a Deno whose files have no tryLock is refused in the README's words, before anything is touched":
		"a Deno whose files have no tryLock is refused in the words of docs/platforms.md, before anything is touched",
	"Deno 2.7.14 is refused in the README's words, before anything is touched":
		"Deno 2.7.14 is refused in the words of docs/platforms.md, before anything is touched",
	"Deno 1.46.3 is refused in the README's words, before anything is touched":
		"Deno 1.46.3 is refused in the words of docs/platforms.md, before anything is touched",
	"Windows is refused under Deno 2.8.0 where it would have to lock, in the README's words":
		"Windows is refused under Deno 2.8.0 where it would have to lock, in the words of docs/platforms.md",
	"Windows is refused under Deno 2.10.0 where it would have to lock, in the README's words":
		"Windows is refused under Deno 2.10.0 where it would have to lock, in the words of docs/platforms.md",
	"Windows is refused under Deno 3.0.0 where it would have to lock, in the README's words":
		"Windows is refused under Deno 3.0.0 where it would have to lock, in the words of docs/platforms.md",
};

/** Parts of names by which slow hosts once told that they try fewer places, as docs/testing.md says now. */
const OF_SLOW_HOSTS = [
	["one in three calls to the host", "any call to the host"],
	["at one in three of its calls", "at any of its calls"],
	["flipped bit, one of each byte,", "flipped bit"],
] as const;

/** The name under which a test is kept today. */
export function nameToday(
	name: string,
	renamed: Readonly<Record<string, string>> = RENAMED,
): string {
	return OF_SLOW_HOSTS.reduce(
		(today, [slow, any]) => today.replace(slow, any),
		renamed[name] ?? name,
	);
}
