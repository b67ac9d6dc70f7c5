import { opfsHost } from "../../hosts/opfs.ts";
import { offer } from "../../test/runtimes/offered.ts";
import { measuring } from "./stores.ts";

let stores = 0;

offer(
	measuring(() => {
		stores += 1;
		return opfsHost(`bench-${stores}`);
	}),
);
