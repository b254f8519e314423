// The architecture as rules. The layers of core are those of CONTRIBUTING.md; test/architecture plants violations.

/** Layer of each folder of packages/core/src: a folder imports only folders with a strictly lower number. */
const layers = {
  errors: 0,
  time: 1,
  identity: 1,
  http: 1,
  state: 2,
  crypto: 2,
  xml: 2,
  xmlsec: 3,
  soap: 3,
  mime: 3,
  revocation: 3,
  "tokens/username": 4,
  "tokens/x509": 4,
  "tokens/saml": 4,
  "tokens/jwt": 4,
  "tokens/context": 4,
  // Written and read as an assertion of SAML, so one above it.
  "tokens/ticket": 5,
  wss: 5,
  trust: 5,
  policy: 6,
  audit: 6,
  response: 6,
  decision: 7,
  guard: 7,
  agent: 8,
  node: 9,
  testing: 9,
};
const core = "^packages/core/src/";
const unitTest = "\\.test\\.ts$";
const folders = Object.keys(layers);
const within = (names) => `${core}(${names.join("|")})/`;

const layerRules = folders.map((folder) => ({
  name: `layer-${layers[folder]}-${folder.replace("/", "-")}`,
  comment: `${folder} is layer ${layers[folder]}: it imports only folders of a lower layer. Types count.`,
  severity: "error",
  from: { path: within([folder]), pathNot: unitTest },
  to: { path: within(folders.filter((other) => other !== folder && layers[other] >= layers[folder])) },
}));

const indexRules = folders.map((folder) => ({
  name: `index-${folder.replace("/", "-")}`,
  comment: `${folder} is imported through its index.ts.`,
  severity: "error",
  from: { path: core, pathNot: `${within([folder])}|${unitTest}` },
  to: { path: within([folder]), pathNot: `${core}${folder}/index\\.ts$` },
}));

module.exports = {
  forbidden: [
    ...layerRules,
    ...indexRules,
    {
      name: "folder-without-layer",
      comment: "A new folder of core needs a layer in .dependency-cruiser.cjs and in CONTRIBUTING.md.",
      severity: "error",
      from: { path: `${core}[^/]+/`, pathNot: within(folders) },
      to: {},
    },
    {
      name: "entry-points-on-top",
      comment: "The files directly under packages/core/src are the public sub-paths: no folder imports one.",
      severity: "error",
      from: { path: `${core}[^/]+/` },
      to: { path: `${core}[^/]+\\.ts$` },
    },
    {
      name: "crypto-in-one-place",
      comment: "Within core, only the crypto folder imports node:crypto.",
      severity: "error",
      from: { path: core, pathNot: `${within(["crypto"])}|${unitTest}` },
      to: { path: "^(node:)?crypto$" },
    },
    {
      name: "core-without-framework",
      comment: "Core knows no web framework.",
      severity: "error",
      from: { path: "^packages/core/" },
      to: { path: "(^|/)node_modules/(@types/)?(express|koa|@koa|fastify)" },
    },
    {
      name: "core-stands-alone",
      comment: "Core imports no other package of this repository.",
      severity: "error",
      from: { path: "^packages/core/" },
      to: { path: "^packages/(?!core/)" },
    },
    {
      name: "siblings-apart",
      comment: "Adapters, client, broker, redis and console import core only, never each other.",
      severity: "error",
      from: { path: "^packages/(express|koa|fastify|client|broker|redis|console)/" },
      to: { path: "^packages/", pathNot: "^packages/(core|$1)/" },
    },
    {
      name: "cli-on-top",
      comment: "The command line uses the other packages; none of them uses it.",
      severity: "error",
      from: { path: "^packages/(?!cli/)" },
      to: { path: "^packages/cli/" },
    },
    {
      name: "packages-by-name",
      comment: "Packages, tests and examples import a package by its name and declared sub-paths, never its source.",
      severity: "error",
      from: { path: "^(packages/[^/]+|test|examples/[^/]+)/" },
      to: { path: "^packages/[^/]+/src/", pathNot: "^$1/" },
    },
    {
      name: "no-cycle",
      comment: "Modules that import each other cannot be understood apart. Types count.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "unresolvable",
      comment: "The import leads nowhere: a misspelt path, a missing dependency or an undeclared sub-path.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "undeclared-dependency",
      comment: "The package is not in the package.json of the one that imports it.",
      severity: "error",
      from: { path: "^(packages|examples)/", pathNot: unitTest },
      // An optional peer is declared, and marked as missing all the same.
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"], dependencyTypesNot: ["npm-peer"] },
    },
    {
      name: "development-dependency",
      comment: "Published code imports dependencies and peers; a development dependency only for its types.",
      severity: "error",
      from: { path: "^packages/[^/]+/src/", pathNot: unitTest },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["npm", "npm-peer", "npm-optional", "type-only"] },
    },
  ],
  options: {
    tsConfig: { fileName: "tsconfig.base.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: ["node_modules", "/dist/"] },
    exclude: { path: "^(packages|examples)/[^/]+/dist/.*\\.map$|^test/dist/|^test/(vectors|interop/java)/" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["types", "import", "node", "default"],
      mainFields: ["types", "main"],
    },
  },
};
