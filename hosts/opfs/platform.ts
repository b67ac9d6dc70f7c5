import { failureName, StorageError } from "../../src/errors.ts";

/**
 * The origin private file system as its hosts use it. TypeScript's types of a window lack the parts
 * for workers, and none has `move`.
 */
export interface AccessHandle {
	read(target: Uint8Array, options: { readonly at: number }): number;
	/** Returns how many bytes it took. */
	write(bytes: Uint8Array, options: { readonly at: number }): number;
	truncate(size: number): void;
	getSize(): number;
	flush(): void;
	/** May be called twice. */
	close(): void;
}

export interface FileHandle extends FileSystemFileHandle {
	/**
	 * Excludes every other access handle of the file, its removal and its move, in the whole origin.
	 */
	createSyncAccessHandle(): Promise<AccessHandle>;
	/** Replaces a closed target, whole. */
	move(directory: DirectoryHandle, name: string): Promise<void>;
}

export interface DirectoryHandle extends FileSystemDirectoryHandle {
	getDirectoryHandle(
		name: string,
		options?: FileSystemGetDirectoryOptions,
	): Promise<DirectoryHandle>;
	getFileHandle(
		name: string,
		options?: FileSystemGetFileOptions,
	): Promise<FileHandle>;
	values(): AsyncIterableIterator<FileSystemHandle>;
}

const RETRY_MILLISECONDS = 10;
const BUSY_MILLISECONDS = 1000;

export async function rootDirectory(): Promise<DirectoryHandle> {
	try {
		return (await navigator.storage.getDirectory()) as DirectoryHandle;
	} catch (error) {
		if (failureName(error) === "SecurityError") {
			throw unsupported(
				"this window has no files, as a private one of Firefox",
			);
		}
		throw error;
	}
}

/**
 * Throws ERR_UNSUPPORTED where there is no origin private file system, or no lock that ends with
 * its holder.
 */
export function requireFileSystem(): void {
	if (globalThis.isSecureContext === false) {
		throw unsupported(
			"a page has files only in a secure context: over https, or from localhost",
		);
	}
	if (globalThis.navigator?.storage?.getDirectory === undefined) {
		throw unsupported("this platform has no origin private file system");
	}
	if (!("move" in FileSystemFileHandle.prototype)) {
		throw unsupported("this platform cannot rename files");
	}
	if (navigator.locks === undefined) {
		throw unsupported(
			"this platform has no Web Locks, without which nothing keeps two writers out of one store",
		);
	}
}

/** Whether files can be read and written here: browsers allow that in dedicated workers alone. */
export function hasAccessHandles(): boolean {
	return "createSyncAccessHandle" in FileSystemFileHandle.prototype;
}

export function unsupported(reason: string): StorageError {
	return new StorageError("ERR_UNSUPPORTED", `dualslot/opfs: ${reason}`);
}

/** The call's result, or undefined where a part of the path is missing. */
export async function unlessMissing<T>(
	call: () => Promise<T>,
): Promise<T | undefined> {
	try {
		return await call();
	} catch (error) {
		if (failureName(error) === "NotFoundError") {
			return undefined;
		}
		throw error;
	}
}

/**
 * Tries again for a second while the file is open in another tab or worker. A reader is soon done,
 * and one that has died may lose its locks a moment before its files.
 */
export async function onceFree<T>(call: () => Promise<T>): Promise<T> {
	const deadline = performance.now() + BUSY_MILLISECONDS;
	for (;;) {
		try {
			return await call();
		} catch (error) {
			if (!isBusy(error) || performance.now() >= deadline) {
				throw error;
			}
		}
		await new Promise((resolve) => setTimeout(resolve, RETRY_MILLISECONDS));
	}
}

/** Whether a call failed because something has the file open. */
export function isBusy(error: unknown): boolean {
	return failureName(error) === "NoModificationAllowedError";
}
