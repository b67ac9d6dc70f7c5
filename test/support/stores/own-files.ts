import { crc32c } from "../oracles/crc32c.ts";
import { bytesOf } from "../runs/bytes.ts";

/** The text of an own file with any content, and a right checksum. */
export function sealed(
	format: number,
	content: Readonly<Record<string, unknown>>,
): Uint8Array {
	const covered = format === 1 ? content.partitions : { format, ...content };
	const crc = crc32c(bytesOf(JSON.stringify(covered)));
	const checksum = crc.toString(16).padStart(8, "0");
	const document = { format, checksum, ...content };
	return bytesOf(`${JSON.stringify(document, null, "\t")}\n`);
}

/** A dualslot.json with this content for its partitions. */
export function sealedConfig(partitions: unknown): Uint8Array {
	return sealed(1, { partitions });
}
