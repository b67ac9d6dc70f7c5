import {
	FRAME_RECORD_SIZE,
	MAPPED_POSITION,
	MAPPED_SLOT,
	RECORD_COUNTS,
	RECORD_LOST,
	RECORDED_CRC,
	RECORDED_GENERATION,
	RECORDED_POSITION,
} from "../format";
import { loadResult, loadResultU64 } from "../result";
import { parseFrameRecord } from "./frame-record";
import { findMapping } from "./manifest-map";

// Each of a run of records becomes the verdict on its slot.
//
//    0          4           8          32
//    | verdict  | frame CRC | as it was |

const RECORD: usize = FRAME_RECORD_SIZE;
const CRC: usize = 4;

const FROM_SNAPSHOT: f64 = -1;
const NOT_ITS: f64 = -2;

/**
 * Judges the whole records among those of `count` slots from `first` on. The numbers of the log's
 * generation and the snapshot's are `log` and `snapshot`; the log has `logSize` bytes.
 */
export function judgeRecords(
	table: usize,
	records: usize,
	first: f64,
	count: u32,
	log: f64,
	snapshot: f64,
	logSize: f64,
): void {
	for (let index: u32 = 0; index < count; index++) {
		const record = records + (index as usize) * RECORD;
		const slot = (first as u64) + (index as u64);
		let verdict: u32 = 0;
		if (parseFrameRecord(record, slot as u32)) {
			const crc = loadResult(RECORDED_CRC);
			const generation = loadResult(RECORDED_GENERATION) as f64;
			const position = loadResult(RECORDED_POSITION) as f64;
			const isOfLog = generation === log;
			const isLost = isOfLog && position >= logSize;
			const place = placeIn(table, record, slot);
			const counts =
				place === FROM_SNAPSHOT
					? generation < snapshot
					: place >= 0 && isOfLog && position === place;
			verdict = (counts ? RECORD_COUNTS : 0) | (isLost ? RECORD_LOST : 0);
			store<u32>(record + CRC, crc);
		}
		store<u32>(record, verdict);
	}
}

/**
 * Where the log's record begins that gave a slot to its GUID. FROM_SNAPSHOT where the snapshot did,
 * NOT_ITS where the GUID has no slot or another one.
 */
function placeIn(table: usize, guid: usize, slot: u64): f64 {
	if (!findMapping(table, guid) || loadResultU64(MAPPED_SLOT) !== slot) {
		return NOT_ITS;
	}
	const position = loadResult(MAPPED_POSITION);
	return position === 0 ? FROM_SNAPSHOT : (position as f64) - 1;
}
