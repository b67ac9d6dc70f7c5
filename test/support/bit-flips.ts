import { SHARE } from "./share.ts";
import type { Suite } from "./suite.ts";

/** Which bits a row flips, and what its name calls each of them. */
export interface BitFlips {
	readonly flip: "flipped bit" | "flipped bit, one of each byte,";
	readonly step: number;
}

/** Which bytes are damaged is decided in the core, and opening a store in a browser takes some 50 ms. A share has every third bit. */
export function bitFlips({ host }: Suite): BitFlips {
	return host === "opfs"
		? { flip: "flipped bit, one of each byte,", step: 9 }
		: { flip: "flipped bit", step: SHARE < 1 ? 3 : 1 };
}
