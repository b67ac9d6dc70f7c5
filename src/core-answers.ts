import { StorageError } from "./errors.ts";

/** What a number means that the core has answered. Throws ERR_CORE_TRAP for one that means nothing: a bug here or there. */
export function nameOf<Name>(names: Record<number, Name>, code: number): Name {
	const name = names[code];
	if (name === undefined) {
		throw new StorageError("ERR_CORE_TRAP", `the core answered ${code}`);
	}
	return name;
}
