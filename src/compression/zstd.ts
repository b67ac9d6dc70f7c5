import { kindOf } from "../checks.ts";
import { StorageError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { Zstd } from "../host/zstd.ts";

const LEVEL_MAX = 22;
const LEVEL_DEFAULT = 3;

/** The level for zstd: 0 means its default. */
export function zstdLevel(level: number): number {
	return level === 0 ? LEVEL_DEFAULT : level;
}

/** Throws TypeError and RangeError for an invalid level. */
export function checkLevel(level: number): void {
	if (typeof level !== "number") {
		throw new TypeError(
			`compression is a level of zstd, a number, not ${kindOf(level)}`,
		);
	}
	if (!Number.isInteger(level) || level < 0 || level > LEVEL_MAX) {
		throw new RangeError(
			`compression is a level of zstd from 0 to ${LEVEL_MAX}, not ${level}`,
		);
	}
}

/** The zstd of the host's platform, or else of the library. Throws ERR_ZSTD_MISSING. */
export async function loadZstd(host: Host): Promise<Zstd> {
	const own = await host.loadZstd();
	if (own !== undefined) {
		return own;
	}
	try {
		const { LibraryZstd } = await import("./library.ts");
		return await LibraryZstd.load();
	} catch (cause) {
		throw new StorageError(
			"ERR_ZSTD_MISSING",
			"this platform has no zstd of its own: install @hpcc-js/wasm-zstd, which dualslot loads where compression is asked for",
			{},
			cause,
		);
	}
}
