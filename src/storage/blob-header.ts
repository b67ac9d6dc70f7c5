import { HEADER_SIZE } from "../../assembly/format.ts";
import { hex } from "../bytes.ts";
import { kindOf } from "../checks.ts";
import type { Arena } from "../core/arena.ts";
import type { Core } from "../core/core.ts";
import { type ErrorPlace, StorageError } from "../errors.ts";
import { readWhole } from "../host/whole-read.ts";
import type { OpenFile } from "./open-files.ts";

/** The lowest and the highest application version that an open understands. */
export type VersionRange = readonly [number, number];

const VERSION_MAX = 0xffff;
/** In hex, in the file's order. */
const MAGIC = "43574943";

/** Writes and checks the 8 bytes before a blob's content, in the core's memory. One at a time. */
export class BlobHeader {
	readonly #core: Core;
	readonly #address: number;

	constructor(core: Core, arena: Arena) {
		this.#core = core;
		this.#address = arena.allocate(HEADER_SIZE);
	}

	encode(version: number): Uint8Array {
		this.#core.pages.encodeHeader(this.#address, version);
		return this.#core.bytes(this.#address, HEADER_SIZE).slice();
	}

	/**
	 * The blob's version. Throws ERR_BLOB_CORRUPT for a foreign file, ERR_BLOB_VERSION_MISMATCH
	 * outside the range.
	 */
	async read(
		open: OpenFile,
		[lowest, highest]: VersionRange,
		place: ErrorPlace,
	): Promise<number> {
		const view = this.#core.bytes(this.#address, HEADER_SIZE);
		const size = Math.min(HEADER_SIZE, open.file.size());
		await readWhole(open.file, open.path, view.subarray(0, size), 0);
		const verdict = this.#core.pages.parseHeader(
			this.#address,
			size,
			lowest,
			highest,
		);
		switch (verdict.status) {
			case "ok":
				return verdict.blobVersion;
			case "short":
				// A torn creation, which only a read-only open leaves.
				return highest;
			case "foreign":
				throw corrupt(open, place, "invalid magic", {
					expected: MAGIC,
					found: hex(view.subarray(0, MAGIC.length / 2)),
				});
			case "runtime":
				throw corrupt(open, place, "unsupported runtime version", {
					expected: 0,
					found: verdict.runtimeVersion,
				});
			case "version":
				throw new StorageError(
					"ERR_BLOB_VERSION_MISMATCH",
					`blob version mismatch: ${open.path}: expected one of ${lowest}..=${highest}, found ${verdict.blobVersion}`,
					{
						...place,
						expected: `${lowest}..=${highest}`,
						found: verdict.blobVersion,
					},
				);
		}
	}
}

export function checkVersions(versions: VersionRange): VersionRange {
	if (!Array.isArray(versions)) {
		throw new TypeError(
			`versions are two whole numbers in a list, not ${kindOf(versions)}`,
		);
	}
	const [lowest, highest] = versions;
	const isValid =
		[lowest, highest].every(
			(version) =>
				Number.isInteger(version) && version >= 0 && version <= VERSION_MAX,
		) && lowest <= highest;
	if (!isValid) {
		throw new RangeError(
			`versions are two whole numbers from 0 to ${VERSION_MAX} in ascending order, not ${[lowest, highest].map(String).join(" and ")}`,
		);
	}
	return versions;
}

function corrupt(
	open: OpenFile,
	place: ErrorPlace,
	reason: string,
	{ expected, found }: Required<Pick<ErrorPlace, "expected" | "found">>,
): StorageError {
	return new StorageError(
		"ERR_BLOB_CORRUPT",
		`blob corrupt: ${open.path} reason: ${reason}: expected ${expected}, found ${found}`,
		{ ...place, offset: 0, expected, found },
	);
}
