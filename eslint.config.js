import tseslint from "typescript-eslint";

/** What reads a clock or a die: domain/ gets both passed in. */
const ambient = [
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: "Pass the instant in; domain/ has no clock.",
  },
  {
    selector: "MemberExpression[object.name='Date'][property.name='now']",
    message: "Pass the instant in; domain/ has no clock.",
  },
  {
    selector: "MemberExpression[object.name='Temporal'][property.name='Now']",
    message: "Pass the instant in; domain/ has no clock.",
  },
  { selector: "MemberExpression[object.name='Math'][property.name='random']", message: "Pass a seeded random in." },
];

/** What reads the time zone of the machine it happens to run on. */
const machineZone = [
  {
    selector:
      "CallExpression[callee.property.name=/^(get|set)(FullYear|Month|Date|Day|Hours|Minutes|TimezoneOffset)$/]",
    message: "Reads the server's time zone. Use domain/local-time with the site's zone.",
  },
  {
    selector: "CallExpression[callee.property.name=/^(toDateString|toTimeString)$/]",
    message: "Writes in the server's time zone. Use domain/local-time with the site's zone.",
  },
  {
    selector: "CallExpression[callee.property.name=/^toLocale(Date|Time)String$/][arguments.length<2]",
    message: "Writes in the server's time zone. Pass {timeZone} with the site's zone.",
  },
];

/** NODE_ENV is the bundler's and React's; passing the whole of process.env on to a child is no reading of it. */
const environment = {
  selector:
    "MemberExpression[object.object.name='process'][object.property.name='env']:not([property.name='NODE_ENV'])",
  message: "Every variable is read and validated once, in platform/env.ts.",
};

/** The policy of the server refuses style attributes in what it sends (app/browser-safety). */
const styleAttribute = {
  selector: "JSXAttribute[name.name='style']",
  message: "Browsers ignore it in pages of the server. Use classes; for what has a size, app/charts/share-bar or SVG.",
};

/** A form may hold what no text can. */
const unreadForm = {
  selector: "CallExpression[callee.object.name='request'][callee.property.name='formData']",
  message: "Use readForm (app/components/read-form.server).",
};

const product = ["app", "cli", "db", "domain", "ingest", "platform", "workers"];
const tests = "**/*.test.{ts,tsx}";

export default tseslint.config(
  {
    ignores: [
      "build/**",
      "generated/**",
      "node_modules/**",
      ".data*/**",
      ".timescaledb/**",
      "tests/architecture/offenders/**",
    ],
  },
  { files: ["**/*.{js,mjs,cjs}"], rules: { "max-lines": ["error", 400] } },
  {
    files: ["**/*.{ts,tsx}"],
    extends: [...tseslint.configs.recommended],
    rules: {
      "max-lines": ["error", 400],
      "no-restricted-syntax": ["error", ...machineZone],
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-var": "error",
      "prefer-const": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "separate-type-imports" }],
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_", caughtErrors: "none", ignoreRestSiblings: true },
      ],
    },
  },
  {
    // A promise that nobody waits for loses its error: on a server that is a lost reading or a dead process.
    files: product.map((folder) => `${folder}/**/*.{ts,tsx}`),
    ignores: [tests],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "no-restricted-syntax": ["error", ...machineZone, environment, styleAttribute, unreadForm],
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: false }],
      "@typescript-eslint/await-thenable": "error",
    },
  },
  { files: ["platform/*.ts"], rules: { "no-restricted-syntax": ["error", ...machineZone] } },
  {
    files: ["domain/**/*.ts"],
    ignores: [tests],
    rules: {
      "no-restricted-globals": [
        "error",
        ...["process", "console", "fetch", "setTimeout", "setInterval", "setImmediate", "performance"],
        ...["window", "document", "globalThis", "crypto", "localStorage"],
      ],
      "no-restricted-syntax": ["error", ...machineZone, ...ambient],
    },
  },
);
