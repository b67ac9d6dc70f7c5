export interface Mutant {
	/** The rule that it breaks. */
	readonly breaks: string;
	readonly file: string;
	readonly find: string;
	readonly replace: string;
}

export const MUTANTS: readonly Mutant[];
