import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A committed file of code, with its syntax tree. assembly/ is read as the TypeScript that it looks like. */
export interface Source {
	readonly path: string;
	readonly text: string;
	readonly tree: ts.SourceFile;
}

/** Every file that git knows and that is still there; of a copy without git, every file that is not made in it. */
export const paths: readonly string[] = (pathsOfGit() ?? pathsOfCopy()).filter(
	isThere,
);

export const sources: readonly Source[] = paths
	.filter((path) => /\.(ts|mjs|js)$/.test(path))
	.map(parse);

export function sourcesIn(...rooms: readonly string[]): readonly Source[] {
	return sources.filter(({ path }) => rooms.includes(roomOf(path)));
}

/** The top-level directory of a path; '' for what lies at the top. */
export function roomOf(path: string): string {
	return path.includes("/") ? path.slice(0, path.indexOf("/")) : "";
}

export function readText(path: string): string {
	return readFileSync(join(ROOT, path), "utf8");
}

export function isThere(path: string): boolean {
	return existsSync(join(ROOT, path));
}

export function nodesOf(tree: ts.Node): ts.Node[] {
	const nodes: ts.Node[] = [];
	const visit = (node: ts.Node): void => {
		nodes.push(node);
		ts.forEachChild(node, visit);
	};
	visit(tree);
	return nodes;
}

/** `path:line`, as editors open it. */
export function placeOf({ path, tree }: Source, node: ts.Node): string {
	return `${path}:${lineOf(tree, node.getStart(tree)) + 1}`;
}

export function lineOf(tree: ts.SourceFile, position: number): number {
	return tree.getLineAndCharacterOfPosition(position).line;
}

function pathsOfGit(): string[] | undefined {
	const { status, stdout } = spawnSync("git", ["ls-files", "-z"], {
		cwd: ROOT,
		encoding: "utf8",
	});
	const isKnown = status === 0 && stdout !== "";
	return isKnown ? stdout.split("\0").filter(Boolean) : undefined;
}

function pathsOfCopy(): string[] {
	const made = /(^|\/)(\.git|node_modules|build)\//;
	return readdirSync(ROOT, { encoding: "utf8", recursive: true }).filter(
		(path) => !made.test(path) && statSync(join(ROOT, path)).isFile(),
	);
}

function parse(path: string): Source {
	const text = readText(path);
	const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
	return { path, text, tree };
}
