// What strace does not show: where the parts of a vectored call lie. Preloaded, writes one line for each part to the file that
// VECTORS names: descriptor, address, length, offset in the file.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

typedef ssize_t (*vectored)(int, const struct iovec *, int, off_t);

static void tell(int fd, const struct iovec *parts, int count, off_t offset) {
	int told = open(getenv("VECTORS"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	for (int index = 0; index < count; index++) {
		dprintf(told, "%d %lu %zu %lld\n", fd, (unsigned long)parts[index].iov_base, parts[index].iov_len, (long long)offset);
		offset += parts[index].iov_len;
	}
	close(told);
}

#define VECTORED(name) \
	ssize_t name(int fd, const struct iovec *parts, int count, off_t offset) { \
		tell(fd, parts, count, offset); \
		return ((vectored)dlsym(RTLD_NEXT, #name))(fd, parts, count, offset); \
	}

VECTORED(preadv)
VECTORED(pwritev)
VECTORED(preadv64)
VECTORED(pwritev64)
