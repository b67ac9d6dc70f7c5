import { StorageError } from "../errors.ts";

export function missingSection(
	partition: string,
	section: bigint,
): StorageError {
	return new StorageError(
		"ERR_SECTION_OUT_OF_RANGE",
		`section out of range: ${section} of ${partition}`,
		{ partition, section },
	);
}

export function prunedSection(
	partition: string,
	section: bigint,
	oldest: bigint,
): StorageError {
	return new StorageError(
		"ERR_SECTION_PRUNED",
		`already pruned to section: ${oldest}; ${partition} has no section ${section} any more`,
		{ partition, section, expected: String(oldest) },
	);
}
