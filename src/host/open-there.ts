import { failure } from "./answers.ts";
import type { Host, HostFile, OpenMode } from "./host.ts";

/** Opens a file that is there, or that its mode makes. Throws where the host says there is none. */
export async function openThere(
	host: Host,
	path: string,
	mode: OpenMode,
): Promise<HostFile> {
	const file = await host.open(path, mode);
	if (file === undefined) {
		throw failure("ENOENT", `${path} is not there`);
	}
	return file;
}
