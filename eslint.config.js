// Only rules that catch real bugs, those that need types above all. Looks are Prettier's; who may
// import whom, names and lengths are held by test/tidy.test.ts. Both run in `npm test`.
import tseslint from "typescript-eslint";

export default tseslint.config(
  {
    ignores: [
      "**/node_modules/",
      "dist*/",
      ".venv/",
      ".jupyter/",
      "extensions/execution/lib/",
      "extensions/execution/labextension/",
      // Programs of the type tests and cells: wrong on purpose, or no modules.
      "test/types/",
      "test/cells/",
    ],
  },
  {
    files: ["**/*.ts"],
    plugins: {"@typescript-eslint": tseslint.plugin},
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: {
        project: ["tsconfig.json", "extensions/execution/tsconfig.json"],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: {reportUnusedDisableDirectives: "error"},
    rules: {
      // node:test's `test` and `describe` answer with promises that the runner awaits.
      "@typescript-eslint/no-floating-promises": [
        "error",
        {
          allowForKnownSafeCalls: [
            {
              from: "package",
              package: "node:test",
              name: ["test", "describe", "it", "before", "after", "beforeEach", "afterEach"],
            },
          ],
        },
      ],
      "@typescript-eslint/no-misused-promises": ["error", {checksVoidReturn: {arguments: false}}],
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        {considerDefaultExhaustiveForUnions: true},
      ],
      "@typescript-eslint/consistent-type-imports": [
        "error",
        {fixStyle: "inline-type-imports", disallowTypeAnnotations: false},
      ],
      "no-debugger": "error",
      "no-self-assign": "error",
      "no-dupe-else-if": "error",
      "no-unsafe-finally": "error",
      "no-constant-binary-expression": "error",
    },
  },
);
