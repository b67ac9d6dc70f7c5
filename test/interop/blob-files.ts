import {
	appendFileSync,
	existsSync,
	readdirSync,
	readFileSync,
	rmSync,
	truncateSync,
	writeFileSync,
} from "node:fs";
import { join } from "node:path";
import {
	INDEX_PARTITION,
	PARTITION,
	VALUES_PARTITION,
} from "../support/rust/scripted-journal.ts";

/** What happens to a file between two sessions. */
export type Damage =
	| { readonly kind: "cut"; readonly size: number }
	| { readonly kind: "garbage"; readonly bytes: Uint8Array }
	| { readonly kind: "flip"; readonly at: number; readonly bits: number }
	| { readonly kind: "remove" };

/** A store's blobs, in hex by `partition/name`; what lies beside the partitions is dualslot's alone. */
export function filesOf(directory: string): Record<string, string> {
	const files: Record<string, string> = {};
	for (const partition of [PARTITION, INDEX_PARTITION, VALUES_PARTITION]) {
		const folder = join(directory, partition);
		const names = existsSync(folder) ? readdirSync(folder) : [];
		for (const name of names.sort()) {
			const bytes = readFileSync(join(folder, name));
			files[`${partition}/${name}`] = bytes.toString("hex");
		}
	}
	return files;
}

export function damageFile(file: string, damage: Damage): void {
	switch (damage.kind) {
		case "cut":
			truncateSync(file, damage.size);
			break;
		case "garbage":
			appendFileSync(file, damage.bytes);
			break;
		case "flip": {
			const bytes = readFileSync(file);
			bytes[damage.at] = (bytes[damage.at] ?? 0) ^ damage.bits;
			writeFileSync(file, bytes);
			break;
		}
		case "remove":
			rmSync(file);
	}
}
