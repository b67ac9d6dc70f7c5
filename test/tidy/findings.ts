import type ts from "typescript";
import { nodesOf, placeOf, type Source } from "./sources.ts";

/** `path:line: what` of each node that the judge names. */
export function findings(
	sources: readonly Source[],
	judge: (node: ts.Node) => string | false,
): string[] {
	return sources.flatMap((source) =>
		nodesOf(source.tree).flatMap((node) => {
			const what = judge(node);
			return what === false ? [] : [`${placeOf(source, node)}: ${what}`];
		}),
	);
}
