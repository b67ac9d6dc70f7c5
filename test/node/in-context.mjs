// Runs the tests of the program at argv[2] in a context that has classes of its own, as node:vm makes it, and says their names.
// node --experimental-vm-modules in-context.mjs program.mjs
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import vm from "node:vm";

/** What a context does not have by itself. */
const PLATFORM = [
	...["AbortSignal", "Buffer", "TextDecoder", "TextEncoder", "atob", "crypto"],
	...["performance", "setImmediate", "setTimeout"],
];
const tests = [];
const context = vm.createContext({
	...Object.fromEntries(PLATFORM.map((name) => [name, globalThis[name]])),
	test: (name, body) => tests.push({ name, body }),
});
const modules = new Map();

const program = moduleAt(pathToFileURL(process.argv[2]).href);
await program.link(link);
await program.evaluate();
for (const { name, body } of tests) {
	await body();
	console.log(name);
}
console.log(`${tests.length} passed`);

/** dualslot's modules run in the context, all others in the realm of Node. */
function link(specifier, { identifier }) {
	if (specifier.startsWith(".")) {
		return moduleAt(new URL(specifier, identifier).href);
	}
	const require = createRequire(identifier);
	return specifier.startsWith("dualslot")
		? moduleAt(pathToFileURL(require.resolve(specifier)).href)
		: foreign(specifier, require);
}

function moduleAt(url) {
	const options = {
		context,
		identifier: url,
		importModuleDynamically: imported,
	};
	const module =
		modules.get(url) ??
		new vm.SourceTextModule(readFileSync(fileURLToPath(url), "utf8"), options);
	modules.set(url, module);
	return module;
}

async function imported(specifier, referrer) {
	const module = await link(specifier, referrer);
	if (module.status === "unlinked") {
		await module.link(link);
	}
	await module.evaluate();
	return module;
}

async function foreign(specifier, require) {
	const path = specifier.startsWith("node:")
		? specifier
		: pathToFileURL(require.resolve(specifier)).href;
	const exports = await import(path);
	const names = Object.keys(exports);
	return new vm.SyntheticModule(
		names,
		function () {
			for (const name of names) {
				this.setExport(name, exports[name]);
			}
		},
		{ context },
	);
}
