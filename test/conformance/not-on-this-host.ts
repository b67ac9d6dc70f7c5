import type { HostName } from "../support/suite.ts";

export interface ImpossibleRow {
	/** The test's name, whole. */
	readonly row: string;
	readonly host: HostName;
	readonly reason: string;
}

/** The one closed list of what a host cannot show. Any other test that is skipped fails the run. */
export const NOT_ON_THIS_HOST: readonly ImpossibleRow[] = [
	{
		row: "a blob whose removal makes its sync fail reports that to each sync [test_sync_failed_range_sync_does_not_mark_clean]",
		host: "node",
		reason:
			"POSIX keeps a removed file alive while it is open, so its sync succeeds",
	},
];

/** What a row that this host cannot have is registered as. */
export function nameWithReason({ row, host, reason }: ImpossibleRow): string {
	return `${row} (not on ${host}: ${reason})`;
}
