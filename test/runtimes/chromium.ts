import { execFileSync, spawnSync } from "node:child_process";
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	renameSync,
	rmSync,
} from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { type Browser, launch, type Page } from "puppeteer-core";
import { SCRATCH } from "../support/disks/scratch.ts";

const MODULES = resolve("node_modules");
const PACKAGE = join(MODULES, "@sparticuz/chromium/package.json");
const CACHE = join(MODULES, ".cache/dualslot");
const UNPACK = "test/runtimes/unpack-chromium.mjs";
/** The package unpacks its libraries only where it takes itself to be on the platform that lacks them. */
const PLATFORM_WITHOUT_LIBRARIES = "AWS_Lambda_nodejs20.x";

/**
 * The package's own arguments would put all processes into one and lift the same-origin policy, which no user's browser
 * does. Root has no sandbox; the rest keeps the browser from asking for what no test needs.
 */
const ARGUMENTS = [
	"--no-sandbox",
	"--disable-gpu",
	"--disable-quic",
	"--disable-sync",
	"--disable-background-networking",
	"--disable-component-update",
	"--no-first-run",
];

/** How long a page may take for one answer, in milliseconds: a suite's power cuts are one. */
export const PROTOCOL_TIMEOUT = 1_800_000;

/** A browser, for one file of tests. */
export interface Chromium {
	openPage(): Promise<Page>;
	version(): Promise<string>;
	/** Ends what was opened here. */
	close(): Promise<void>;
}

/** A browser that was started here, and ends when it is closed. */
export interface OwnChromium extends Chromium {
	readonly browser: Browser;
}

/** What is started in another way than usual. */
export interface ChromiumOptions {
	/** A directory that outlives the browser. */
	readonly profile?: string | undefined;
	/** Another browser's path. */
	readonly executable?: string | undefined;
}

/**
 * Starts the Chromium that npm installed, over a profile of its own: without one, the browser would keep OPFS to itself.
 */
export async function launchChromium({
	profile,
	executable,
}: ChromiumOptions = {}): Promise<OwnChromium> {
	const directory = unpacked();
	const executablePath = executable ?? join(directory, "chromium");
	const userDataDir =
		profile ?? mkdtempSync(join(SCRATCH, "dualslot-profile-"));
	const browser = await launch({
		executablePath,
		userDataDir,
		headless: "shell",
		args: ARGUMENTS,
		env: environment(directory, executablePath),
		protocolTimeout: PROTOCOL_TIMEOUT,
	});
	return {
		browser,
		openPage: () => browser.newPage(),
		version: () => browser.version(),
		async close() {
			await browser.close();
			if (profile === undefined) {
				rmSync(userDataDir, { recursive: true, force: true, maxRetries: 5 });
			}
		},
	};
}

/** The directory that holds the browser, which is unpacked once for each version. */
function unpacked(): string {
	const { version } = JSON.parse(readFileSync(PACKAGE, "utf8"));
	const directory = join(CACHE, `chromium-${version}`);
	if (!existsSync(directory)) {
		mkdirSync(CACHE, { recursive: true });
		const fresh = mkdtempSync(join(CACHE, "unpacking-"));
		execFileSync(process.execPath, [UNPACK], {
			env: {
				...process.env,
				TMPDIR: fresh,
				AWS_EXECUTION_ENV: PLATFORM_WITHOUT_LIBRARIES,
			},
		});
		moveUnlessThere(fresh, directory);
	}
	return directory;
}

/** Another run may have unpacked it meanwhile. */
function moveUnlessThere(from: string, to: string): void {
	try {
		renameSync(from, to);
	} catch (error) {
		if (!existsSync(to)) {
			throw error;
		}
		rmSync(from, { recursive: true });
	}
}

function environment(
	directory: string,
	executablePath: string,
): Record<string, string | undefined> {
	const found = spawnSync("ldd", [executablePath], { encoding: "utf8" });
	const isWhole = found.status === 0 && !found.stdout.includes("not found");
	const own = isWhole ? {} : { LD_LIBRARY_PATH: join(directory, "al2023/lib") };
	return {
		...process.env,
		FONTCONFIG_PATH: join(directory, "fonts"),
		...own,
	};
}
