// Loaded before a program, makes Node call itself a Windows one. All else stays what it is.
import { syncBuiltinESMExports } from "node:module";

Object.defineProperty(process, "platform", { value: "win32" });
syncBuiltinESMExports();
