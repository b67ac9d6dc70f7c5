// npm run bench:browser [-- --quick] [--with=a clone that is built] [--chromium=a browser's path] [--only=worker|window]
//
// dualslot against its peers in browsers, in a worker and in a window, side by side in one run, as ratios of medians.
// Each contender has a page, and a worker, of its own for each round, over an origin that holds nothing else.
import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { contendersIn } from "./browser/contenders.mjs";
import { openBrowser } from "./browser/launched.mjs";
import { printRows } from "./browser/rows.mjs";
import { serveFiles } from "./browser/server.mjs";
import { QUICK, USUAL } from "./browser/sizes.mjs";
import { Directories } from "./directories.mjs";
import { installPackages } from "./peers.mjs";
import { measureRow } from "./rounds.mjs";

const PAGE = "/bench/browser/page.mjs";
const DEBIANS = "/usr/bin/chromium";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const sizes = process.argv.includes("--quick") ? QUICK : USUAL;
const other = optionOf("with");
const directories = new Directories();

installPackages();
console.log(
	"npm's wa-sqlite 1.0.0 has no write-ahead VFS: that of its fork @journeyapps/wa-sqlite takes part",
);
const files = await serveFiles({
	bench: "bench",
	dualslot: "build",
	peers: "bench/node_modules",
	...(other !== undefined && { other: `${other}/build` }),
});
try {
	for (const path of browsers()) {
		await measureIn(path);
	}
} finally {
	files.close();
	directories.remove();
}

/** Undefined is the Chromium of npm. */
function browsers() {
	const chosen = optionOf("chromium");
	if (chosen !== undefined) {
		return [chosen];
	}
	if (existsSync(DEBIANS)) {
		return [undefined, DEBIANS];
	}
	console.log(`Debian's ${DEBIANS} is not installed here: left out`);
	return [undefined];
}

async function measureIn(path) {
	const browser = await openBrowser(path, directories.make("profile"));
	try {
		for (const scope of [optionOf("only") ?? ["worker", "window"]].flat()) {
			const version = await browser.version();
			console.log(
				`\n${version}, ${path ?? "npm's"}, in a ${scope}, ${directories.fileSystem}; ratios of medians, more than 1 where dualslot is faster`,
			);
			await measureScope(browser, scope);
		}
	} finally {
		await browser.close();
	}
}

async function measureScope(browser, scope) {
	const able = [];
	for (const { name, file, options } of contendersIn(scope, other)) {
		const measure = async () => [
			await inPage(browser, [scope, file, options, sizes]),
		];
		try {
			await measure();
			able.push({ name, measure });
		} catch (error) {
			console.log(`  ${name} does not run here: ${error.message}`);
		}
	}
	const rounds = { warmUp: 0, rounds: sizes.rounds, isTidy: false };
	const figures = await measureRow({ ...rounds, contenders: able });
	printRows(able, figures, sizes);
}

/** In a page of its own, which is closed afterwards, and all files of its worker with it. */
async function inPage(browser, given) {
	const page = await browser.openPage();
	page.on("console", (message) => console.log(`  (${message.text()})`));
	try {
		await page.goto(`${files.origin}/`);
		return await page.evaluate(
			async (script, given) => {
				const { measureInPage } = await import(script);
				return measureInPage(...given);
			},
			PAGE,
			given,
		);
	} finally {
		await page.close();
	}
}

function optionOf(name) {
	const prefix = `--${name}=`;
	return process.argv
		.find((option) => option.startsWith(prefix))
		?.slice(prefix.length);
}
