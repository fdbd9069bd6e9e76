import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';
import boundaries from './tools/boundaries/rule.mjs';

const LOG_CALL =
  'CallExpression[callee.property.name=/^(log|error|warn|debug|verbose|fatal)$/]:matches([callee.object.name="logger"], [callee.object.property.name="logger"])';
const LITERAL = 'Log a constant message and an object of fields: text put together at run time may hold personal values.';
const NODE_GLOBALS = [
  'process',
  'console',
  'Buffer',
  'URL',
  'URLSearchParams',
  'fetch',
  'AbortSignal',
  'AbortController',
  'TextDecoder',
  'TextEncoder',
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'performance',
  'structuredClone',
  'crypto',
  'globalThis',
];

const LITERAL_LOGS = [
  { selector: `${LOG_CALL} > TemplateLiteral[expressions.length>0]:first-child`, message: LITERAL },
  { selector: `${LOG_CALL} > BinaryExpression:first-child`, message: LITERAL },
];
const WHOLE_UPDATES = [
  {
    selector: 'AssignmentExpression[operator=/^[-+*]=$/][right.type="AwaitExpression"]',
    message: 'The left side is read before the wait: what others add meanwhile is lost. Await first, then add.',
  },
];
const EVERY_TEST = [
  {
    selector: 'MemberExpression[object.name=/^(it|test|describe)$/][property.name=/^(only|skip|todo|failing)$/]',
    message: 'Every test runs, always.',
  },
  { selector: 'CallExpression[callee.name=/^(xit|xtest|xdescribe|fit|fdescribe)$/]', message: 'Every test runs, always.' },
];

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/generated/**',
      '**/node_modules/**',
      '.nx/**',
      '.test-results/**',
      '.attesta/**',
      'coverage/**',
      'docs/**',
      'tools/kafka/target/**',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.{mjs,cjs}'],
    languageOptions: { globals: Object.fromEntries(NODE_GLOBALS.map((name) => [name, 'readonly'])) },
    rules: { 'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }] },
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [...tseslint.configs.recommended],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    plugins: { attesta: { rules: { boundaries } } },
    rules: {
      'attesta/boundaries': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false, attributes: false } }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // Decorated signatures keep their value imports: swc writes them into the metadata that NestJS reads.
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false, fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/ban-ts-comment': 'error',
      '@typescript-eslint/no-empty-object-type': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'], location: 'start' }],
      'no-restricted-syntax': ['error', ...LITERAL_LOGS, ...WHOLE_UPDATES, ...EVERY_TEST],
    },
  },
  {
    files: ['apps/console/web/**/*.ts', 'apps/console/web/**/*.tsx'],
    extends: [reactHooks.configs.flat.recommended],
    languageOptions: { parserOptions: { project: './apps/console/tsconfig.json', tsconfigRootDir: import.meta.dirname } },
  },
  // The places that may leave tests out, and say so: where there is no Kafka, or no browser.
  {
    files: ['libs/testing/src/kafka.ts', 'libs/testing/src/browser.ts', 'libs/testing/src/helm.ts', 'libs/testing/src/server.ts'],
    rules: { 'no-restricted-syntax': ['error', ...LITERAL_LOGS, ...WHOLE_UPDATES] },
  },
  { files: ['libs/**/*.ts', 'apps/**/*.{ts,tsx}'], ignores: ['apps/cli/**'], rules: { 'no-console': 'error' } },
);
