import {
	type ImpossibleRow,
	NO_RING_HERE,
	NOT_ON_THIS_HOST,
	nameWithReason,
} from "../../conformance/not-on-this-host.ts";

/** A test that a run knows of, and whether it ran. */
export interface KnownTest {
	/** The file that registered it, with '/' between its parts. */
	readonly file: string;
	readonly name: string;
	readonly isSkipped: boolean;
}

/**
 * The faults of a run's skipped tests: each must be in the closed list, or be about a missing ring,
 * and each row of that list must name a skipped test of its host.
 */
export function unexplainedSkips(
	tests: readonly KnownTest[],
	rows: readonly ImpossibleRow[] = NOT_ON_THIS_HOST,
): string[] {
	const explains = (row: ImpossibleRow, { file, name }: KnownTest) =>
		isOf(row, file) && name === nameWithReason(row);
	const skipped = tests.filter(({ isSkipped }) => isSkipped);
	const unexplained = skipped.filter(
		(test) => !isOfRing(test.name) && !rows.some((row) => explains(row, test)),
	);
	const unfounded = rows.filter(
		(row) =>
			tests.some(({ file }) => isOf(row, file)) &&
			!skipped.some((test) => explains(row, test)),
	);
	return [
		...unexplained.map(
			({ file, name }) => `skipped for no reason: ${file} > ${name}`,
		),
		...unfounded.map(({ row, host }) => `names no test of ${host}: ${row}`),
	];
}

/** Whether a test was skipped for want of a ring, as its name says. */
function isOfRing(name: string): boolean {
	return name.endsWith(nameWithReason({ row: "", ...NO_RING_HERE }));
}

function isOf({ host }: ImpossibleRow, file: string): boolean {
	return new RegExp(`hosts/${host}(-\\w+)?\\.test\\.ts$`).test(file);
}
