import { GUID_SIZE } from "../../assembly/format.ts";
import { hex } from "../bytes.ts";
import { isBytes } from "../checks.ts";

/**
 * Sixteen bytes: as bytes, as 32 hex digits, or as the text of a UUID. All forms of the same bytes
 * are one GUID.
 */
export type Guid = Uint8Array | string;

const TEXT =
	/^(?:[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/i;

/** A copy of a GUID's bytes. Throws TypeError for an invalid GUID. */
export function guidBytes(guid: Guid): Uint8Array {
	if (typeof guid === "string" && TEXT.test(guid)) {
		const digits = guid.replaceAll("-", "");
		return Uint8Array.from({ length: GUID_SIZE }, (_, at) =>
			Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16),
		);
	}
	if (isBytes(guid) && guid.length === GUID_SIZE) {
		return guid.slice();
	}
	throw new TypeError(
		"a GUID is 16 bytes: a Uint8Array, 32 hexadecimal digits, or a UUID",
	);
}

/** The GUID as text. */
export function guidText(guid: Uint8Array): string {
	return hex(guid);
}
