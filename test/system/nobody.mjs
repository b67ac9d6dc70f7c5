import process from "node:process";

const NOBODY = 65534;

/** Gives up all rights for good, if there are any. What is loaded later must be for all to read. */
export function becomeNobody() {
	if (process.getuid() === 0) {
		process.setgroups([]);
		process.setgid(NOBODY);
		process.setuid(NOBODY);
	}
}
