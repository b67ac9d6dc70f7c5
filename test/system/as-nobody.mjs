// As ../node/open-blob.mjs, as a user without rights.
import { nodeHost, openStorage } from "../../build/node.js";
import { reportOpen } from "../node/report-open.mjs";
import { becomeNobody } from "./nobody.mjs";

// What the engine loads late, it loads while this user may still read it.
const lock = await nodeHost(import.meta.dirname).lock();
await lock?.release();
becomeNobody();
await reportOpen(openStorage, ...process.argv.slice(2));
