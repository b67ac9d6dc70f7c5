import type { HostName } from "../support/runs/suite.ts";

export interface ImpossibleRow {
	/** The test's name, whole. */
	readonly row: string;
	readonly host: HostName;
	readonly reason: string;
}

/** The one closed list of what a host cannot show. Any other test that is skipped fails the run. */
export const NOT_ON_THIS_HOST: readonly ImpossibleRow[] = [];

/** Why a test that is about a ring may be left out. Where there is none, no other test is. */
export const NO_RING_HERE = {
	host: "node",
	reason: "its kernel gives this process no io_uring",
} as const;

/** What a row that this host cannot have is registered as. */
export function nameWithReason({ row, host, reason }: ImpossibleRow): string {
	return `${row} (not on ${host}: ${reason})`;
}
