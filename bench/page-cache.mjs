// What the kernel keeps of files in memory. Linux only.
import {
	closeSync,
	fdatasyncSync,
	fstatSync,
	openSync,
	readdirSync,
	statSync,
} from "node:fs";
import { join } from "node:path";
import koffi from "koffi";

/** <fcntl.h> of Linux. */
const POSIX_FADV_DONTNEED = 4;
/** <sys/mman.h> of Linux. */
const PROT_READ = 1;
const MAP_SHARED = 1;
const PAGE_SIZE = 4096;

const library = koffi.load(null);
const fadvise = library.func("int posix_fadvise(int, int64_t, int64_t, int)");
const mmap = library.func("void *mmap(void *, size_t, int, int, int, int64_t)");
const munmap = library.func("int munmap(void *, size_t)");
const mincore = library.func("int mincore(void *, size_t, _Out_ uint8_t *)");

/** Makes the kernel forget the contents of every file under a directory; no process may have one of them open. */
export function dropCached(directory) {
	filesIn(directory).forEach(dropFile);
}

/** How many bytes of a file, or of all the files under a directory, lie in the cache. */
export function cachedBytes(path) {
	const files = statSync(path).isDirectory() ? filesIn(path) : [path];
	return files.reduce((sum, file) => sum + cachedOf(file), 0);
}

function filesIn(directory) {
	return readdirSync(directory, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => join(entry.path, entry.name));
}

/** Mapping a file loads none of it. */
function cachedOf(path) {
	const fd = openSync(path, "r");
	try {
		const { size } = fstatSync(fd);
		const pages = new Uint8Array(Math.ceil(size / PAGE_SIZE));
		const address = mmap(null, size, PROT_READ, MAP_SHARED, fd, 0);
		const failed = mincore(address, size, pages) !== 0;
		const errno = koffi.errno();
		munmap(address, size);
		if (failed) {
			throw new Error(`mincore of ${path} failed with ${errno}`);
		}
		return pages.filter((page) => page % 2 === 1).length * PAGE_SIZE;
	} finally {
		closeSync(fd);
	}
}

function dropFile(path) {
	const fd = openSync(path, "r");
	try {
		// A page that is not yet on the disk stays.
		fdatasyncSync(fd);
		const errno = fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
		if (errno !== 0) {
			throw new Error(`posix_fadvise of ${path} failed with ${errno}`);
		}
	} finally {
		closeSync(fd);
	}
}
