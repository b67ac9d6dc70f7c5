import { LOG_DELETE_SIZE, LOG_RECORD_MAX } from "../../assembly/format.ts";
import { fromHex, joined } from "../support/runs/bytes.ts";

/** From so many bytes on a log is folded up. */
const LOG_BYTES = 1024 * 1024;

const SET = fromHex(
	"4d4c47311800000001c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1000000000000000064adec33",
);
const DELETE = fromHex(
	"4d4c47311000000002c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1f0de6538",
);

/** A log of a GUID that was written over and over, and then deleted: about as many records as `room` are left before it is long. */
export function longLog(room: number): Uint8Array {
	const bytes = LOG_BYTES - LOG_DELETE_SIZE - room * LOG_RECORD_MAX;
	const count = Math.floor(bytes / LOG_RECORD_MAX);
	return joined(...new Array<Uint8Array>(count).fill(SET), DELETE);
}
