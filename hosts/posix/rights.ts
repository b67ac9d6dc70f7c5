import {
	closeSync,
	constants,
	fchmodSync,
	fstatSync,
	lstatSync,
	mkdirSync,
	openSync,
	type Stats,
	statSync,
} from "node:fs";
import { endingAtOnce, endingAtOnceIfFailed } from "../../src/turns/endings.ts";

/** The rights of the owner, the group and all others. */
const RIGHTS = 0o777;
const TO_READ = 0o444;
const TO_READ_AND_WRITE = 0o666;
/** The mode for reads and writes of the owner alone. */
export const OWN_ONLY = 0o600;

/**
 * The rights of files that a host makes: those of the store's directory, without the right to run a
 * file. Only where that is missing does the host decide.
 */
export class Rights {
	/** Of the store's directory, where it is missing, and of its parents. */
	readonly ofNewStore: number;
	readonly #root: string;

	/** Throws RangeError unless it is a file's mode that lets its owner read and write. */
	constructor(root: string, mode: number = OWN_ONLY) {
		const isMode = Number.isInteger(mode) && (mode & ~TO_READ_AND_WRITE) === 0;
		if (!isMode || (mode & OWN_ONLY) !== OWN_ONLY) {
			throw new RangeError(
				`mode is a file's, which its owner may read and write, as 0o600, not ${String(mode)}`,
			);
		}
		this.#root = root;
		this.ofNewStore = mode | ((mode & TO_READ) >> 2);
	}

	get ofPartition(): number {
		return statSync(this.#root).mode & RIGHTS;
	}

	get ofFile(): number {
		return this.ofPartition & TO_READ_AND_WRITE;
	}
}

/** As openSync, with flags that may make the file: with that mode, whatever the process's umask. */
export function openMaking(path: string, flags: number, mode: number): number {
	const isNew = lstatSync(path, { throwIfNoEntry: false }) === undefined;
	const fd = openSync(path, flags, mode);
	if (isNew) {
		endingAtOnceIfFailed(
			() => change(fd, mode),
			() => closeSync(fd),
		);
	}
	return fd;
}

/** As mkdirSync, with that mode, whatever the process's umask. */
export function makeDirectoryWith(path: string, mode: number): void {
	mkdirSync(path, mode);
	if (!hasMode(lstatSync(path), mode)) {
		changeAt(path, mode, constants.O_DIRECTORY);
	}
}

/** Gives a regular file a mode unless it has that mode. */
export function giveMode(path: string, mode: number): void {
	const found = lstatSync(path);
	if (found.isFile() && !hasMode(found, mode)) {
		changeAt(path, mode, constants.O_NONBLOCK);
	}
}

/** Of an existing file. */
export function modeOf(path: string): number | undefined {
	const found = lstatSync(path, { throwIfNoEntry: false });
	return found?.isFile() ? found.mode & RIGHTS : undefined;
}

function hasMode(found: Stats, mode: number): boolean {
	return (found.mode & RIGHTS) === mode;
}

/** By a descriptor: a name may lead elsewhere by then. */
function changeAt(path: string, mode: number, flags: number): void {
	const fd = openSync(
		path,
		constants.O_RDONLY | flags | (constants.O_NOFOLLOW ?? 0),
	);
	endingAtOnce(
		() => change(fd, mode),
		() => closeSync(fd),
	);
}

/** Other bits stay, such as a directory's that passes on its group. */
function change(fd: number, mode: number): void {
	const found = fstatSync(fd);
	if (!hasMode(found, mode)) {
		fchmodSync(fd, (found.mode & 0o7000) | mode);
	}
}
