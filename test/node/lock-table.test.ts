import { assert } from "chai";
import { expect, test } from "vitest";
import { isLocalIn, isLockedIn } from "../../hosts/posix/lock-table.ts";

const LIST = `1: FLOCK  ADVISORY  WRITE 28135 00:1b:3926971 0 EOF
2: POSIX  ADVISORY  WRITE 29765 fe:00:77 0 EOF
3: FLOCK  ADVISORY  WRITE 29765 fe:00:10036576 0 EOF
3: -> FLOCK  ADVISORY  WRITE 29766 fe:00:88 0 EOF
4: OFDLCK ADVISORY  READ -1 00:06:99 0 EOF
12: FLOCK  ADVISORY  WRITE 29767 103:10002:9007199254740993 0 EOF
13: FLOCK  ADVISORY  READ  29768 fe:00:99 0 EOF
`;

const MOUNTS = `22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
30 25 0:27 / /dev/shm rw,relatime - tmpfs tmpfs rw,size=24683656k
31 25 0:33 /home /home rw,relatime - btrfs /dev/vdb rw,subvol=/home
32 25 259:65538 / /data rw,relatime master:2 shared:3 - xfs /dev/nvme0n1 rw
`;

test.each([
	[0, 0x1b, 3926971n, true],
	[254, 0, 10036576n, true],
	[0x103, 0x10002, 9007199254740993n, true],
	[0x103, 0x10002, 9007199254740992n, false],
	[254, 0, 77n, false],
	[254, 0, 99n, false],
	[254, 0, 88n, false],
	[0, 6, 99n, false],
	[0, 27, 10036576n, false],
	[254, 0, 1003657n, false],
])(
	"of a list of locks, device %i:%i and inode %i are locked by flock: %s",
	(major, minor, inode, isLocked) => {
		const numbers = { device: { major, minor }, inode };
		expect(isLockedIn(LIST, numbers)).toBe(isLocked);
	},
);

test.each([
	[254, 0, true],
	[0, 27, true],
	[259, 65538, true],
	[0, 21, false],
	[0, 33, false],
	[0, 34, false],
	[25, 40, false],
])(
	"of what is mounted, device %i:%i has all its locks in the list: %s",
	(major, minor, isLocal) => {
		const numbers = { device: { major, minor }, inode: 1n };
		expect(isLocalIn(MOUNTS, numbers)).toBe(isLocal);
		assert.isFalse(isLocalIn("", numbers));
	},
);
