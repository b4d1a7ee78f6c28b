import boundaries from 'eslint-plugin-boundaries'
import hooks from 'eslint-plugin-react-hooks'
import typescript from 'typescript-eslint'

// Layers: lib < api < ui < features < app. A feature knows no other feature; app puts them together.
const layer = (name, ...below) => ({ from: [name], allow: below })

export default typescript.config(
  { ignores: ['dist', 'node_modules', 'test-results', 'src/api/schema.gen.d.ts', 'public'] },
  ...typescript.configs.strict,
  {
    files: ['**/*.{ts,tsx}'],
    plugins: { 'react-hooks': hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      'no-restricted-globals': ['error', 'fetch', 'XMLHttpRequest', 'EventSource'],
      'no-console': 'error',
    },
  },
  { files: ['src/**/api.ts', 'src/api/**', 'e2e/**'], rules: { 'no-restricted-globals': 'off' } },
  {
    files: ['src/**/*.{ts,tsx}'],
    plugins: { boundaries },
    settings: {
      'import/resolver': { typescript: true },
      'boundaries/elements': [
        { type: 'lib', pattern: 'src/lib/*', mode: 'file' },
        { type: 'api', pattern: 'src/api/*', mode: 'file' },
        { type: 'ui', pattern: 'src/ui/*', mode: 'file' },
        { type: 'feature', pattern: 'src/features/*', capture: ['name'] },
        { type: 'app', pattern: 'src/app/**', mode: 'file' },
        { type: 'main', pattern: 'src/main.tsx', mode: 'file' },
        { type: 'testing', pattern: 'src/testing/*', mode: 'file' },
      ],
    },
    rules: {
      'boundaries/element-types': [
        'error',
        {
          default: 'disallow',
          rules: [
            layer('lib', 'lib'),
            layer('api', 'api', 'lib'),
            layer('ui', 'ui', 'api', 'lib'),
            { from: ['feature'], allow: ['ui', 'api', 'lib', ['feature', { name: '${from.name}' }]] },
            layer('app', 'app', 'feature', 'ui', 'api', 'lib'),
            layer('main', 'app', 'ui', 'api', 'lib'),
            layer('testing', 'ui', 'api', 'lib'),
          ],
        },
      ],
    },
  },
)
