import type { PageVerdict } from "../core/answers.ts";
import type { LastPage } from "../core/judged-page.ts";
import type { RecoveryReport } from "./recovery-report.ts";

/** What was cut off a blob, or would be were the store not read-only. */
export interface PageCut {
	readonly reason: RecoveryReport["cut"];
	/** Whole pages. */
	readonly pages: number;
	/** Physical bytes. */
	readonly bytes: number;
	readonly isDone: boolean;
	/** The path of the copy. */
	readonly copy: string | undefined;
}

export function reasonOf(
	bytes: number,
	last: LastPage | undefined,
	lastValid: LastPage | undefined,
): RecoveryReport["cut"] {
	if (bytes === 0) {
		return "none";
	}
	if (lastValid !== undefined && (last?.page ?? -1) < lastValid.page) {
		return "hole";
	}
	return last === undefined ? "nothing-valid" : "torn-tail";
}

export function otherSlotOf(verdict: PageVerdict): RecoveryReport["otherSlot"] {
	const other = verdict.slot === 1 ? verdict.second : verdict.first;
	switch (other.state) {
		case "valid":
			return "valid";
		case "empty":
			return other.crc === 0 ? "empty" : "retired";
		default:
			return "bad";
	}
}
