import { sameField } from '@/lib/project-document'

/** What of JSON Schema docs/pintle.schema.json uses. */
export interface Schema {
  $ref?: string
  $defs?: Record<string, Schema>
  type?: string | string[]
  description?: string
  properties?: Record<string, Schema>
  items?: Schema
  anyOf?: Schema[]
  enum?: string[]
  default?: unknown
  examples?: unknown[]
}

export interface Offer {
  label: string
  detail?: string
  info?: string
  apply?: string
}

export interface Offers {
  from: number
  options: Offer[]
}

/** Names that the schema cannot know. */
export interface Known {
  sources: readonly string[]
  storages: readonly string[]
  gpuModels: readonly string[]
}

/** The way to the cursor: names of fields, and "[]" for an item of a list. */
export interface Spot {
  path: string[]
  /** A name is typed, or the value of the last step. */
  kind: 'key' | 'value'
  word: string
  /** Names that the mapping has already. */
  taken: string[]
}

interface Token {
  column: number
  /** Nothing for the dash of a list. */
  key: string | null
  rest: string
}

/** "  - name: x" as a dash at 2 and the key "name" at 4. */
function tokensOf(line: string): Token[] {
  const tokens: Token[] = []
  let column = line.length - line.trimStart().length
  let rest = line.slice(column)
  while (/^-(\s|$)/.test(rest)) {
    tokens.push({ column, key: null, rest: '' })
    const gap = rest.length - rest.slice(1).trimStart().length
    column += gap
    rest = rest.slice(gap)
  }
  const key = /^("[^"]*"|'[^']*'|[^\s#:'"[{][^:#]*?)\s*:(\s|$)/.exec(rest)
  if (key?.[1] !== undefined) tokens.push({ column, key: key[1].replace(/^["']|["']$/g, ''), rest: rest.slice(key[0].length) })
  return tokens
}

const kMostLines = 5000

// From a line upwards: what holds a thing that begins at a column, and what stands beside it.
function climb(lines: readonly string[], from: number, column: number, dashAllowed: boolean) {
  const path: string[] = []
  const taken: string[] = []
  let need = column
  // A list may stand at the column of the key that holds it.
  let atList = !dashAllowed
  let deepest = true
  for (let index = from; index >= Math.max(0, from - kMostLines); --index) {
    const line = lines[index] ?? ''
    if (/^\s*(#|$)/.test(line)) continue
    const tokens = tokensOf(line)
    for (const token of tokens.reverse()) {
      if (token.key === null) {
        if (token.column < need && !(atList && token.column >= need)) {
          path.unshift('[]')
          need = token.column
          atList = true
          deepest = false
        }
      } else if (token.column < need || (atList && token.column === need)) {
        if (/^[|>][-+\d]*\s*(#.*)?$/.test(token.rest) && deepest) return null
        path.unshift(token.key)
        need = token.column
        atList = false
        deepest = false
      } else if (deepest && token.column === need && !atList) {
        taken.push(token.key)
      }
    }
    if (need === 0 && !atList && !deepest) break
  }
  return { path, taken }
}

interface Inner {
  path: string[]
  kind: 'key' | 'value'
  word: string
  taken: string[]
}

/** Within {braces} and [brackets] of one line. */
function insideFlow(text: string): Inner | null {
  const stack: { kind: '{' | '['; key: string | null; taken: string[] }[] = []
  let word = ''
  let quote = ''
  for (const letter of text) {
    const top = stack.at(-1)
    if (quote) {
      if (letter === quote) quote = ''
      else word += letter
    } else if (letter === '"' || letter === "'") {
      quote = letter
    } else if (letter === '{' || letter === '[') {
      stack.push({ kind: letter, key: null, taken: [] })
      word = ''
    } else if (letter === '}' || letter === ']') {
      stack.pop()
      word = ''
    } else if (letter === ',' && top) {
      top.key = null
      word = ''
    } else if (letter === ':' && top?.kind === '{' && top.key === null) {
      top.key = word.trim()
      top.taken.push(top.key)
      word = ''
    } else {
      word += letter
    }
  }
  const top = stack.at(-1)
  if (!top) return null
  const path = stack.flatMap((each, index) => (each.kind === '[' ? ['[]'] : index < stack.length - 1 && each.key !== null ? [each.key] : []))
  if (top.kind === '{' && top.key === null) return { path, kind: 'key', word: word.trimStart(), taken: top.taken }
  return { path: top.key === null ? path : [...path, top.key], kind: 'value', word: word.trimStart(), taken: [] }
}

/** Where the cursor is, from the text before it; nothing inside of comments and texts of several lines. */
export function spotOf(before: string): Spot | null {
  const lines = before.split('\n')
  const last = lines.length - 1
  const line = lines[last] ?? ''
  if (/(^|\s)#/.test(line)) return null
  const tokens = tokensOf(line)
  const key = tokens.find((token) => token.key !== null)
  const dashes = tokens.filter((token) => token.key === null)
  const lastDash = dashes.at(-1)
  const start = key ? key.column : lastDash ? line.length - line.replace(/^[\s-]*?(-\s+)*/, '').length : line.length - line.trimStart().length
  const firstColumn = dashes[0]?.column ?? start
  const above = climb(lines, last - 1, firstColumn, dashes.length === 0)
  if (!above) return null
  const outer = [...above.path, ...dashes.map(() => '[]')]
  const text = key ? key.rest : line.slice(start)
  const holder = key?.key ? [...outer, key.key] : outer
  if (/^[{[]/.test(text)) {
    const inner = insideFlow(text)
    return inner && { path: [...holder, ...inner.path], kind: inner.kind, word: inner.word, taken: inner.taken }
  }
  if (key) return { path: holder, kind: 'value', word: text, taken: [] }
  return { path: outer, kind: 'key', word: text, taken: dashes.length > 0 ? [] : above.taken }
}

function alternatives(root: Schema, schema: Schema | undefined): Schema[] {
  if (!schema) return []
  if (schema.$ref) {
    const named = root.$defs?.[schema.$ref.replace('#/$defs/', '')]
    return named ? alternatives(root, named) : []
  }
  return schema.anyOf ? schema.anyOf.flatMap((each) => alternatives(root, each)) : [schema]
}

/** The schemas that hold at a path. */
function schemasAt(root: Schema, path: readonly string[]): Schema[] {
  let found = alternatives(root, root)
  for (const step of path) {
    found = found.flatMap((schema) => {
      if (step === '[]') return alternatives(root, schema.items)
      const name = Object.keys(schema.properties ?? {}).find((each) => sameField(each, step))
      return name === undefined ? [] : alternatives(root, schema.properties?.[name]).map((each) => ({ description: schema.properties?.[name]?.description, ...each }))
    })
  }
  return found
}

function typeText(schema: Schema | undefined): string {
  if (!schema) return ''
  if (schema.enum) return schema.enum.join(' | ')
  if (Array.isArray(schema.type)) return schema.type.join(' | ')
  return schema.type ?? (schema.anyOf ? schema.anyOf.map((each) => typeText(each)).filter(Boolean).join(' | ') : '')
}

function valuesAt(root: Schema, path: readonly string[], known: Known): Offer[] {
  const last = path.at(-1) ?? ''
  const own = (values: readonly string[], detail: string) => values.map((label) => ({ label, detail }))
  if (sameField(last, 'cluster_storage')) return own(known.storages, 'storage')
  if (sameField(last, 'gpu_model')) return own(known.gpuModels, 'GPU')
  if (sameField(last, 'source') && path.some((step) => sameField(step, 'volumes'))) return own(known.sources, 'source')
  return schemasAt(root, path).flatMap((schema): Offer[] => {
    if (schema.enum) return schema.enum.map((label) => ({ label, detail: label === schema.default ? 'default' : '' }))
    if (schema.type === 'boolean') return ['true', 'false'].map((label) => ({ label, detail: String(schema.default) === label ? 'default' : '' }))
    return (schema.examples ?? []).map((example) => ({ label: String(example), detail: 'example' }))
  })
}

/** What may stand at the cursor. */
export function completionsAt(before: string, root: Schema, known: Known): Offers | null {
  const spot = spotOf(before)
  if (!spot) return null
  const from = before.length - spot.word.length
  if (spot.kind === 'value') {
    const options = valuesAt(root, spot.path, known)
    return options.length > 0 ? { from, options } : null
  }
  if (sameField(spot.path.at(-1) ?? '', 'revisions')) return { from, options: known.sources.map((label) => ({ label, detail: 'source', apply: `${label}: ` })) }
  const options = schemasAt(root, spot.path).flatMap((schema) =>
    Object.entries(schema.properties ?? {})
      .filter(([name]) => !spot.taken.some((taken) => sameField(taken, name)))
      .map(([name, property]): Offer => {
        const detail = typeText(property.$ref ? alternatives(root, property)[0] : property)
        return { label: name, detail, info: property.description ?? '', apply: /^(object|array)$/.test(detail) ? `${name}:` : `${name}: ` }
      }),
  )
  return options.length > 0 ? { from, options } : null
}
