import { readFileSync, readlinkSync, statSync } from "node:fs";
import type { LockState } from "../../src/host/host.ts";

/** What Linux tells of its locks, of what is mounted where, and of whose processes it tells. */
const LOCK_TABLES = {
	locks: "/proc/locks",
	mounts: "/proc/self/mountinfo",
	processes: "/proc/self/ns/pid",
} as const;

/** Of the namespace that sees all processes; elsewhere locks of others are left out. */
const ALL_PROCESSES = "pid:[4026531836]";

/**
 * Whose locks all lie with this kernel, and go by the numbers that stat gives. Of others, as btrfs
 * and what lies on a server, that a lock is not listed says nothing.
 */
const LOCAL = new Set(["ext2", "ext3", "ext4", "f2fs", "tmpfs", "xfs"]);

/** Device and inode, as the list of locks has them. */
interface Numbers {
	readonly device: { readonly major: number; readonly minor: number };
	readonly inode: bigint;
}

/**
 * Whether somebody has a directory locked. flock(2) has no call that asks: the kernel's own list
 * does, where it can be read.
 */
export function lockStateOf(directory: string): LockState {
	try {
		const numbers = numbersOf(directory);
		const isListed = () =>
			isLockedIn(readFileSync(LOCK_TABLES.locks, "latin1"), numbers);
		// A long list is read in pieces, between which it may change.
		if (isListed() || isListed()) {
			return "held";
		}
		return seesAllLocks(numbers) ? "free" : "unknown";
	} catch {
		return "unknown";
	}
}

/**
 * Whether a list of locks, one a line, has an exclusive flock(2) on that file, as an owner takes:
 * "1: FLOCK ADVISORY WRITE 4711 fe:00:1234 0 EOF", where the device is hexadecimal. A process that
 * waits for a lock ("1: -> FLOCK") has none.
 */
export function isLockedIn(
	list: string,
	{ device: { major, minor }, inode }: Numbers,
): boolean {
	const file = [twoDigits(major), twoDigits(minor), inode].join(":");
	return list.split("\n").some((line) => {
		const [, kind, , access, , locked] = line.split(/\s+/);
		return kind === "FLOCK" && access === "WRITE" && locked === file;
	});
}

/** Whether a device is that of a file system whose locks are all listed, as mountinfo has it. */
export function isLocalIn(
	mounts: string,
	{ device: { major, minor } }: Numbers,
): boolean {
	return mounts.split("\n").some((line) => {
		const [mount = "", source = ""] = line.split(" - ");
		const [, , device] = mount.split(" ");
		const [type = ""] = source.split(" ");
		return device === `${major}:${minor}` && LOCAL.has(type);
	});
}

function seesAllLocks(numbers: Numbers): boolean {
	return (
		readlinkSync(LOCK_TABLES.processes) === ALL_PROCESSES &&
		isLocalIn(readFileSync(LOCK_TABLES.mounts, "latin1"), numbers)
	);
}

/** As Linux has packed a device's two numbers into one, whose high bits came later. */
function numbersOf(directory: string): Numbers {
	const { dev, ino } = statSync(directory, { bigint: true });
	const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n);
	const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n);
	return { device: { major: Number(major), minor: Number(minor) }, inode: ino };
}

function twoDigits(number: number): string {
	return number.toString(16).padStart(2, "0");
}
