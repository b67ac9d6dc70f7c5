/**
 * A bug put in on purpose: one rule of the engine, broken in one place. It builds and loads, and breaks nothing besides the rule. What
 * changes nothing that can be seen from outside is no mutant.
 */
export interface Mutant {
	/** The rule, true as long as it is not broken, behind the part of the engine that has it; and in brackets where it was reported. */
	readonly breaks: string;
	/** A shipped file, from the root of the tree. */
	readonly file: string;
	/** A text that stands in the file exactly once. */
	readonly find: string;
	/** What takes its place. */
	readonly replace: string;
	/**
	 * The test that is about the rule. It is run alone, with the counts of `npm test`: it passes as long as nothing is broken, and
	 * fails, or does not come to its end, by the mutant. It takes seconds.
	 */
	readonly noticedBy: NoticingTest;
}

export interface NoticingTest {
	/** The test's whole name, without that of a suite within the file. */
	readonly title: string;
	/** Where it lies, if not in every host's suites, of which those in memory are run. */
	readonly file?: string;
}

export const MUTANTS: readonly Mutant[];
