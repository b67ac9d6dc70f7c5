import type { RunCounts } from "./counts-reporter.ts";

/** What one part of `npm run test:all` came to. */
export interface PartResult {
	readonly part: number;
	readonly of: number;
	readonly commit: string;
	readonly date: string;
	readonly minutes: number;
	readonly tests: Omit<RunCounts, "counted">;
	readonly counted: RunCounts["counted"];
	readonly mutants: { readonly noticed: number; readonly tried: number };
}

export function recorded(document: string, result: PartResult): string;
