// node scripts/docs-api.mjs            docs/api/, from the declarations in build/types
// node scripts/docs-api.mjs --check    exits with 1 where docs/api/ is another than it would be
import {
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { Application, Comment, CommentTag } from "typedoc";
import ts from "typescript";

const KEPT = "docs/api";
const OPTIONS = {
	name: "dualslot",
	plugin: ["typedoc-plugin-markdown"],
	logLevel: "Warn",
	readme: "none",
	// Types are checked by `npm run check`.
	skipErrorChecking: true,
	validation: false,
	preservedTypeAnnotationTags: ["@throws"],
	// Nothing that another machine, or a later commit, would have otherwise.
	disableSources: true,
	disableGit: true,
	hideGenerator: true,
	githubPages: false,
	excludeInternal: true,
	excludePrivate: true,
	excludeProtected: true,
	membersWithOwnFile: ["Class", "Interface"],
	hidePageHeader: true,
	hideBreadcrumbs: true,
	parametersFormat: "table",
	propertiesFormat: "table",
	propertyMembersFormat: "table",
	classPropertiesFormat: "table",
	interfacePropertiesFormat: "table",
	typeDeclarationFormat: "table",
	tableColumnSettings: {
		hideInherited: true,
		hideModifiers: true,
		hideOverrides: true,
		hideSources: true,
	},
};

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
if (process.argv.includes("--check")) {
	await check();
} else {
	await write(KEPT);
}

async function check() {
	const made = mkdtempSync(join(tmpdir(), "dualslot-api-"));
	try {
		await write(made);
		const stale = differing(textsIn(made), textsIn(KEPT));
		for (const path of stale) {
			console.error(`${KEPT}/${path} is stale`);
		}
		if (stale.length > 0) {
			console.error("run npm run docs:api and commit");
			process.exitCode = 1;
		}
	} finally {
		rmSync(made, { recursive: true });
	}
}

async function write(directory) {
	const { name, exports } = JSON.parse(readFileSync("package.json", "utf8"));
	const entries = Object.entries(exports).map(([entry, { types }]) => ({
		name: posix.join(name, entry),
		path: posix.normalize(types),
	}));
	const paths = entries.map(({ path }) => path);
	const application = await Application.bootstrapWithPlugins(
		{ ...OPTIONS, entryPoints: paths, out: directory },
		[],
	);
	application.options.setCompilerOptions(paths, compilerOptions(), undefined);
	const project = await application.convert();
	for (const module of project.children) {
		module.name = entries.find(({ path }) => isOf(module, path)).name;
	}
	leaveOutBases(project);
	joinThrows(project);
	sayStability(project);
	await application.generateOutputs(project);
}

function compilerOptions() {
	const { config } = ts.readConfigFile("tsconfig.json", ts.sys.readFile);
	return ts.parseJsonConfigFileContent(config, ts.sys, ".").options;
}

// A module is called by what its path does not share with the others'.
function isOf({ name }, path) {
	return [`/${name}.d.ts`, `/${name}/index.d.ts`].some((end) =>
		path.endsWith(end),
	);
}

// Whoever reads of a member does not ask in which class that nobody exports it is written.
function leaveOutBases(project) {
	for (const reflection of Object.values(project.reflections)) {
		delete reflection.inheritedFrom;
		delete reflection.overwrites;
		delete reflection.implementationOf;
	}
}

// Each error is a line of one list, behind its class.
function joinThrows(project) {
	for (const { comment } of Object.values(project.reflections)) {
		const thrown = comment?.getTags("@throws") ?? [];
		if (thrown.length > 0) {
			comment.removeTags("@throws");
			comment.blockTags.push(new CommentTag("@throws", thrown.flatMap(lineOf)));
		}
	}
}

function lineOf({ typeAnnotation, content }) {
	const kind = typeAnnotation?.replace(/^\{(.*)\}$/, "$1");
	return [text(`- \`${kind}\` `), ...content, text("\n")];
}

// A page says what docs/stability.md says of its export.
function sayStability(project) {
	const lines = stabilities();
	for (const module of project.children) {
		for (const exported of module.children) {
			const line = lines.get(`${module.name}: ${exported.name}`);
			for (const bearer of exported.signatures ?? [exported]) {
				bearer.comment ??= new Comment();
				bearer.comment.summary.push(text(`\n\n*Stability: ${line}*`));
			}
		}
	}
}

function stabilities() {
	const rows = readFileSync("docs/stability.md", "utf8").matchAll(
		/^\|([^|]+)\|([^|]+)\|([^|]+)\|([^|]+)\|$/gm,
	);
	return new Map(
		[...rows].flatMap(([, entries, names, files, calls]) =>
			namesIn(entries).flatMap((entry) =>
				namesIn(names).map((name) => [
					`${entry}: ${name}`,
					`files ${files.trim()}, calls ${calls.trim()}.`,
				]),
			),
		),
	);
}

function namesIn(cell) {
	return [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
}

function text(of) {
	return { kind: "text", text: of };
}

/** Of the files below a directory, by path. */
function textsIn(directory) {
	const names = existsSync(directory)
		? readdirSync(directory, { recursive: true })
		: [];
	const files = names.filter((name) =>
		statSync(join(directory, name)).isFile(),
	);
	return new Map(
		files.map((name) => [name, readFileSync(join(directory, name), "utf8")]),
	);
}

function differing(one, other) {
	const names = new Set([...one.keys(), ...other.keys()]);
	return [...names].sort().filter((name) => one.get(name) !== other.get(name));
}
