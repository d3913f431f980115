// Which of the dotted names on standard input (a JSON list) exist in the packages of the folder that is the first
// argument: in their type declarations, as the TypeScript compiler reads them, or else in the loaded module.
// Prints a JSON list of those that do.
import { createRequire } from "node:module";
import { readFileSync, existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const folder = resolve(process.argv[2]);
const require = createRequire(join(folder, "package.json"));
const ts = require("typescript");
const names = JSON.parse(readFileSync(0, "utf8"));
const builtin = new Set(require("node:module").builtinModules);

/** `a/b.c.d` → the module's name and the members: of each prefix that ends before a dot, the longest package first. */
function splits(name) {
  const slash = name.lastIndexOf("/");
  const found = [];
  for (let at = name.length; at > slash; at = name.lastIndexOf(".", at - 1)) {
    const specifier = name.slice(0, at).replace(/\(\)$/, "");
    const rest = name.slice(specifier.length);
    found.push([specifier, (rest.startsWith("()") ? ["()", ...parts(rest.slice(2))] : parts(rest))]);
    if (!name.slice(0, at).includes(".", slash + 1)) break;
  }
  return found.filter(([specifier]) => installed(specifier));
}

function parts(rest) {
  return rest
    .split(".")
    .filter((part) => part !== "")
    .flatMap((part) => (part.endsWith("()") ? [part.slice(0, -2), "()"] : [part]));
}

function installed(specifier) {
  if (builtin.has(specifier) || specifier.startsWith("node:")) return true;
  const words = specifier.split("/");
  const owner = specifier.startsWith("@") ? words.slice(0, 2).join("/") : words[0];
  const typed = join("@types", owner.replace(/^@/, "").replace("/", "__"));
  return [owner, typed].some((each) => existsSync(join(folder, "node_modules", each, "package.json")));
}

/** A name whose module part has a `*` stands for each package that it fits. */
function modules(name) {
  const path = name.split(".")[0];
  if (!name.startsWith("@") && path.includes("/*")) {
    const parent = path.slice(0, path.indexOf("/*"));
    const within = join(folder, "node_modules", parent);
    const files = existsSync(within) ? readdirSync(within).filter((each) => each.endsWith(".js")).slice(0, 20) : [];
    return files.map((each) => `${parent}/${each.slice(0, -3)}${name.slice(path.length)}`);
  }
  if (!name.startsWith("@") || !path.includes("*")) return [name];
  const [scope, pattern] = name.split(".")[0].split("/");
  const fits = new RegExp(`^${pattern.replaceAll("*", "[^.]*")}$`);
  const all = existsSync(join(folder, "node_modules", scope)) ? readdirSync(join(folder, "node_modules", scope)) : [];
  const rest = name.slice(scope.length + 1 + pattern.length);
  const under = name.split(".")[0].split("/").slice(2).join("/");
  if (under) {
    // a sub-path of one package: what its manifest exports
    const manifest = JSON.parse(readFileSync(join(folder, "node_modules", scope, pattern, "package.json"), "utf8"));
    const exported = Object.keys(manifest.exports ?? {}).map((each) => each.slice(2));
    const path = new RegExp(`^${under.replaceAll("*", "[^.]*")}$`);
    const tail = name.slice(name.split(".")[0].length);
    return exported.filter((each) => path.test(each)).map((each) => `${scope}/${pattern}/${each}${tail}`);
  }
  return all.filter((each) => fits.test(each)).map((each) => `${scope}/${each}${rest}`);
}

// ---------------------------------------------------------------- declarations

const wanted = new Map(names.map((name) => [name, modules(name).flatMap((each) => splits(each))]));
const specifiers = [...new Set([...wanted.values()].flat().map(([specifier]) => specifier))];
// An importing and a requiring file: packages may show them different declarations, or only one of them any.
const entries = ["__names.mts", "__names.cts"].map((each) => join(folder, each));
const source = specifiers.map((each, index) => `import * as m${index} from ${JSON.stringify(each)};`).join("\n");
const options = {
  module: ts.ModuleKind.Node16,
  moduleResolution: ts.ModuleResolutionKind.Node16,
  target: ts.ScriptTarget.ES2022,
  lib: ["lib.esnext.d.ts", "lib.dom.d.ts"],
  esModuleInterop: true,
  skipLibCheck: true,
  types: ["node", "aws-lambda"],
  noEmit: true,
};
const host = ts.createCompilerHost(options);
const read = host.getSourceFile.bind(host);
host.getSourceFile = (file, ...rest) =>
  entries.includes(file) ? ts.createSourceFile(file, source, ...rest) : read(file, ...rest);
const exists = host.fileExists.bind(host);
host.fileExists = (file) => entries.includes(file) || exists(file);
const program = ts.createProgram(entries, options, host);
const checker = program.getTypeChecker();
const file = program.getSourceFile(entries[0]);
const symbols = new Map(specifiers.map((each) => [each, []]));
for (const statement of entries.flatMap((each) => program.getSourceFile(each).statements)) {
  const symbol = checker.getSymbolAtLocation(statement.moduleSpecifier);
  if (symbol) symbols.get(statement.moduleSpecifier.text).push(symbol);
}

/** The types that a symbol means: what it is as a value, what it makes, and what it declares. */
function meant(symbol) {
  if (symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
  const types = [];
  if (symbol.flags & ts.SymbolFlags.Value) types.push(checker.getTypeOfSymbolAtLocation(symbol, file));
  if (symbol.flags & ts.SymbolFlags.Type) types.push(checker.getDeclaredTypeOfSymbol(symbol));
  for (const type of [...types]) {
    for (const made of checker.getSignaturesOfType(type, ts.SignatureKind.Construct)) types.push(made.getReturnType());
  }
  return { symbol, types };
}

function alternatives(type) {
  const parts = type.isUnion() ? type.types : [type];
  return parts.flatMap((part) => [part, checker.getApparentType(part), checker.getAwaitedType(part) ?? part]);
}

function step(places, word) {
  const found = [];
  const pattern = new RegExp(`^${word.replace(/[$()[\]+?^{}|\\]/g, "\\$&").replaceAll("*", ".*")}$`);
  for (const { symbol, types } of places) {
    if (word === "()") {
      const results = types.flatMap((type) => checker.getSignaturesOfType(type, ts.SignatureKind.Call));
      for (const result of results) found.push({ symbol: undefined, types: alternatives(result.getReturnType()) });
      continue;
    }
    if (symbol?.exports) {
      const owned = [...symbol.exports.values()];
      const listed = symbol.flags & (ts.SymbolFlags.Module | ts.SymbolFlags.ValueModule) ? checker.getExportsOfModule(symbol) : [];
      for (const each of [...owned, ...listed]) if (pattern.test(each.name)) found.push(meant(each));
    }
    for (const type of types.flatMap(alternatives)) {
      for (const property of checker.getPropertiesOfType(type)) {
        if (pattern.test(property.name)) found.push(meant(property));
      }
    }
  }
  return found.slice(0, 40);
}

function start(symbol) {
  const resolved = checker.resolveExternalModuleSymbol(symbol);
  const places = [meant(resolved), meant(symbol)];
  const standard = resolved.exports?.get("default") ?? symbol.exports?.get("default");
  if (standard) places.push(meant(standard));
  return places;
}

function declared(specifier, members) {
  let places = symbols.get(specifier).flatMap(start);
  for (const member of members) {
    places = step(places, member);
  }
  return places.length > 0;
}

const anywhere = file.locals ?? new Map();
const scope = checker.getSymbolsInScope(file, ts.SymbolFlags.Value | ts.SymbolFlags.Type | ts.SymbolFlags.Namespace);
const globals = new Map(scope.map((symbol) => [symbol.name, symbol]));

function global(name) {
  const [first, ...members] = parts(name);
  const symbol = globals.get(first);
  if (!symbol || anywhere.has(first)) return false;
  let places = [meant(symbol)];
  for (const member of members) {
    places = step(places, member);
    if (!places.length) return false;
  }
  return true;
}

// ------------------------------------------------------------------- run time

const loaded = new Map();
async function load(specifier) {
  if (!loaded.has(specifier)) {
    let value;
    try {
      value = require(specifier);
    } catch {
      try {
        value = await import(pathToFileURL(require.resolve(specifier)).href);
      } catch {
        value = undefined;
      }
    }
    loaded.set(specifier, value);
  }
  return loaded.get(specifier);
}

function own(value, word) {
  if (value === undefined || value === null) return [];
  const all = new Set();
  for (let at = Object(value); at; at = Object.getPrototypeOf(at)) Object.getOwnPropertyNames(at).forEach((each) => all.add(each));
  const pattern = new RegExp(`^${word.replace(/[$()[\]+?^{}|\\]/g, "\\$&").replaceAll("*", ".*")}$`);
  const found = [];
  for (const each of all) {
    if (!pattern.test(each)) continue;
    try {
      found.push({ value: value[each] });
    } catch {
      found.push({ value: undefined });
    }
  }
  return found;
}

async function present(specifier, members) {
  const module = await load(specifier);
  if (module === undefined) return false;
  let places = [{ value: module }, { value: module?.default }];
  for (const member of members) {
    if (member === "()") return false;
    places = places.flatMap(({ value }) => [...own(value, member), ...own(value?.prototype, member)]);
    if (!places.length) return false;
  }
  return true;
}

process.on("uncaughtException", () => {});
process.on("unhandledRejection", () => {});
const print = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write = () => true;
const found = [];
for (const [name, choices] of wanted) {
  let there = global(name) || choices.some(([specifier, members]) => declared(specifier, members));
  for (const [specifier, members] of there ? [] : choices) there ||= await present(specifier, members);
  if (there) found.push(name);
}
print(JSON.stringify(found), () => process.exit(0));
