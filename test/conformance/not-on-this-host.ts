import type { HostName } from "../support/runs/suite.ts";

export interface ImpossibleRow {
	/** The test's full name. */
	readonly row: string;
	readonly host: HostName;
	readonly reason: string;
}

/** The one closed list of tests that a host cannot run. Any other skipped test fails the run. */
export const NOT_ON_THIS_HOST: readonly ImpossibleRow[] = [];

/** The reason to skip a test about a ring. Where there is a ring, no such test is skipped. */
export const NO_RING_HERE = {
	host: "node",
	reason: "its kernel gives this process no io_uring",
} as const;

/** The registered name of a row that this host cannot have. */
export function nameWithReason({ row, host, reason }: ImpossibleRow): string {
	return `${row} (not on ${host}: ${reason})`;
}
