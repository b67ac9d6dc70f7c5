import { kindOf } from "../checks.ts";
/**
 * How many bytes a text has as UTF-8. Throws TypeError for no string, RangeError for half of a
 * surrogate pair.
 */
export function utf8Length(text: string): number {
	if (typeof text !== "string") {
		throw new TypeError(`a string was expected, not ${kindOf(text)}`);
	}
	let length = text.length;
	for (let at = 0; at < text.length; at += 1) {
		const unit = text.charCodeAt(at);
		if (unit < 0x80) {
			continue;
		}
		length += unit < 0x800 ? 1 : 2;
		if (unit >= 0xd800 && unit <= 0xdfff) {
			if ((text.codePointAt(at) ?? 0) <= 0xffff) {
				throw new RangeError(`half of a surrogate pair at ${at} of a string`);
			}
			// The pair is two units, and four bytes.
			at += 1;
		}
	}
	return length;
}
