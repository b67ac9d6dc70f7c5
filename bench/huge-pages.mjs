import koffi from "koffi";

/** <sys/mman.h> of Linux. */
const MADV_HUGEPAGE = 14;

const madvise = koffi.load(null).func("int madvise(void *, size_t, int)");

/** Under memory that is not used yet. */
export function wantHugePages(memory) {
	madvise(memory, memory.length, MADV_HUGEPAGE);
}
