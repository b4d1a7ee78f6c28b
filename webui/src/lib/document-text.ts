import { Document, isAlias, isCollection, isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument, stringify, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml'
import { sameField } from './project-document'

/** The way to a value: names of fields and places in lists. */
export type Path = readonly (string | number)[]

export interface TextFault {
  line: number
  column: number
  message: string
}

export interface ParsedText {
  /** The document, unless the text is no YAML. */
  value: unknown
  faults: TextFault[]
}

const kMostAliases = 1000

/** What a text says, or where it is no YAML. */
export function parseText(text: string): ParsedText {
  const doc = parseDocument(text, { prettyErrors: true })
  if (doc.errors.length > 0) {
    return {
      value: undefined,
      faults: doc.errors.map((error) => ({ line: error.linePos?.[0].line ?? 1, column: error.linePos?.[0].col ?? 1, message: error.message.split(/ at line \d+/)[0] ?? error.message })),
    }
  }
  try {
    return { value: doc.toJS({ maxAliasCount: kMostAliases }) as unknown, faults: [] }
  } catch (error) {
    return { value: undefined, faults: [{ line: 1, column: 1, message: error instanceof Error ? error.message : String(error) }] }
  }
}

/** A text of YAML or JSON as its values, with whole numbers as bigints: int64 is wider than a number. Throws for what is neither. */
export function parseExact(text: string): unknown {
  const doc = parseDocument(text, { intAsBigInt: true })
  if (doc.errors[0]) throw doc.errors[0]
  return doc.toJS({ maxAliasCount: kMostAliases }) as unknown
}

/** A document as the text that people edit: long lines stay whole, texts of several lines stand as blocks. */
export function writeText(value: unknown): string {
  return stringify(value, { lineWidth: 0 })
}

// A text keeps the habits of its writer: how lists are indented, and whether braces have room inside.
function styleOf(text: string) {
  return { lineWidth: 0, indentSeq: !/^( *)[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\n(?: *#[^\n]*\n)*\1- /m.test(text), flowCollectionPadding: /[{[] \S/.test(text) && !/[{[][^\s\]}]/.test(text) }
}

/** The text after a change of its document; comments, order and anchors stay. Nothing happens to a text that is no YAML. */
export function editText(text: string, edit: (doc: Document) => void): string {
  const doc = parseDocument(text)
  if (doc.errors.length > 0) return text
  edit(doc)
  return doc.toString(styleOf(text))
}

function keyText(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key)
}

function pairOf(map: YAMLMap, name: string): Pair | undefined {
  return map.items.find((pair) => keyText(pair) === name) ?? map.items.find((pair) => sameField(keyText(pair), name))
}

// An alias is replaced by a copy of what it names: the change is meant for this place alone.
function ownNode(doc: Document, node: unknown): Node | null {
  if (!isAlias(node)) return isNode(node) ? node : null
  const copy = node.resolve(doc)?.clone() as Node | undefined
  if (copy && 'anchor' in copy) delete (copy as { anchor?: string }).anchor
  return copy ?? null
}

/** The mapping or list at a path; made where it is missing if `make`. Aliases on the way become copies. */
function collectionAt(doc: Document, path: Path, make: boolean): YAMLMap | YAMLSeq | null {
  if (!isCollection(doc.contents)) {
    if (!make) return null
    doc.contents = doc.createNode({}) as never
  }
  let node = doc.contents as unknown as YAMLMap | YAMLSeq
  for (const [index, step] of path.entries()) {
    const empty = () => doc.createNode(typeof path[index + 1] === 'number' ? [] : {}) as Node
    if (typeof step === 'number') {
      if (!isSeq(node)) return null
      let own = ownNode(doc, node.items[step])
      if (!isCollection(own)) {
        if (!make) return null
        own = empty()
      }
      if (node.items[step] !== own) node.items[step] = own
      node = own as YAMLMap | YAMLSeq
      continue
    }
    if (!isMap(node)) return null
    const pair = pairOf(node, step)
    let own = ownNode(doc, pair?.value)
    if (!isCollection(own)) {
      if (!make) return null
      own = empty()
    }
    if (pair) pair.value = own
    else node.set(doc.createNode(step), own)
    node = own as YAMLMap | YAMLSeq
  }
  return node
}

function removeKey(map: YAMLMap, name: string) {
  const pair = pairOf(map, name)
  if (pair) map.items.splice(map.items.indexOf(pair), 1)
}

/** Sets a value; `undefined` takes the field out, and mappings that are empty then. */
export function setIn(doc: Document, path: Path, value: unknown) {
  const last = path.at(-1)
  const parent = path.slice(0, -1)
  if (last === undefined) return
  const holder = collectionAt(doc, parent, value !== undefined)
  if (!holder) return
  if (value === undefined) {
    if (isSeq(holder) && typeof last === 'number') holder.items.splice(last, 1)
    else if (isMap(holder)) removeKey(holder, String(last))
    if (holder.items.length === 0 && parent.length > 0) setIn(doc, parent, undefined)
    return
  }
  if (isSeq(holder) && typeof last === 'number') {
    holder.items[last] = doc.createNode(value)
    return
  }
  if (!isMap(holder)) return
  const pair = pairOf(holder, String(last))
  if (!pair) {
    holder.items.push(doc.createPair(String(last), value) as never)
    return
  }
  const before = pair.value
  // A scalar that stays a scalar keeps its comment and, where that can be, its quotes or its block.
  if (isScalar(before) && (typeof value !== 'object' || value === null)) {
    if (typeof before.value !== typeof value) delete (before as { type?: string }).type
    before.value = value
    delete (before as { source?: string }).source
    delete (before as { format?: string }).format
    delete (before as { minFractionDigits?: number }).minFractionDigits
  } else {
    pair.value = doc.createNode(value)
  }
}

export function setField(text: string, path: Path, value: unknown): string {
  return editText(text, (doc) => setIn(doc, path, value))
}

/** Puts a value into a list, which is made if it is missing. */
export function insertItem(text: string, list: Path, index: number, value: unknown): string {
  return editText(text, (doc) => {
    const parent = collectionAt(doc, list.slice(0, -1), true)
    const name = list.at(-1)
    if (!isMap(parent) || typeof name !== 'string') return
    const pair = pairOf(parent, name)
    const held = ownNode(doc, pair?.value)
    if (!isSeq(held)) {
      setIn(doc, list, [value])
      return
    }
    if (pair) pair.value = held
    // A list that is written [like, this] is opened for what is no single word.
    if (typeof value === 'object') held.flow = held.items.length > 0 ? (held.flow ?? false) : false
    held.items.splice(Math.max(0, Math.min(index, held.items.length)), 0, doc.createNode(value) as never)
  })
}

/** Takes an item out of a list; a list that is empty then goes too, unless `keepList`. */
export function removeItem(text: string, list: Path, index: number, keepList = false): string {
  return editText(text, (doc) => {
    const held = collectionAt(doc, list, false)
    if (!isSeq(held) || index >= held.items.length) return
    held.items.splice(index, 1)
    if (held.items.length === 0 && !keepList) setIn(doc, list, undefined)
  })
}

/** Moves an item of a list by `by` places. */
export function moveItem(text: string, list: Path, index: number, by: number): string {
  return editText(text, (doc) => {
    const held = collectionAt(doc, list, false)
    if (!isSeq(held)) return
    const to = index + by
    if (to < 0 || to >= held.items.length || held.items[index] === undefined) return
    const [item] = held.items.splice(index, 1)
    held.items.splice(to, 0, item as never)
  })
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

// The names of a list's items, if each has one of its own.
function namesOf(list: readonly unknown[]): string[] | null {
  const names = list.map((item) => (isMapping(item) && typeof item.name === 'string' ? item.name : null))
  return names.includes(null) || new Set(names).size < names.length ? null : (names as string[])
}

function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, index) => isSame(item, b[index]))
  if (!isMapping(a) || !isMapping(b)) return Object.is(a, b)
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && isSame(a[key], b[key]))
}

function adaptList(doc: Document, path: Path, before: readonly unknown[], after: readonly unknown[]): boolean {
  const held = collectionAt(doc, path, false)
  const old = namesOf(before)
  const wanted = namesOf(after)
  if (!isSeq(held) || held.items.length !== before.length || !old || !wanted) return false
  // A name that changes where everything else stays in its place is the same item under another name.
  if (before.length === after.length && old.every((name, index) => name === wanted[index] || (!wanted.includes(name) && !old.includes(wanted[index] ?? '')))) {
    after.forEach((item, index) => adaptIn(doc, [...path, index], before[index], item))
    return true
  }
  const kept = new Map(old.map((name, index) => [name, held.items[index]]))
  held.items = after.map((item, index) => kept.get(wanted[index] ?? '') ?? doc.createNode(item)) as never
  after.forEach((item, index) => {
    const place = old.indexOf(wanted[index] ?? '')
    if (place >= 0) adaptIn(doc, [...path, index], before[place], item)
  })
  return true
}

function adaptIn(doc: Document, path: Path, before: unknown, after: unknown) {
  if (isSame(before, after)) return
  if (Array.isArray(before) && Array.isArray(after) && adaptList(doc, path, before, after)) return
  // What is written in another way than the document has it, such as a text in the place of a mapping, is written anew.
  if (!isMapping(before) || !isMapping(after) || !isMap(collectionAt(doc, path, false))) return setIn(doc, path, after)
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (!(key in after)) setIn(doc, [...path, key], undefined)
    else if (!(key in before)) setIn(doc, [...path, key], after[key])
    else adaptIn(doc, [...path, key], before[key], after[key])
  }
}

/**
 * The text of a document after the document was changed elsewhere: what differs is changed in it, and the comments and
 * the order of all the rest stay. `before` is the document that the text means now.
 */
export function adaptText(text: string, before: unknown, after: unknown): string {
  return editText(text, (doc) => adaptIn(doc, [], before, after))
}

/** The line where something stands, counted from 1. */
export function lineOf(text: string, path: Path): number | null {
  const counter = new LineCounter()
  const doc = parseDocument(text, { lineCounter: counter })
  if (doc.errors.length > 0) return null
  let node: unknown = doc.contents
  let offset: number | undefined
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(doc)
    if (typeof step === 'number' && isSeq(node)) {
      node = node.items[step]
      offset = isPair(node) ? undefined : (node as Node | undefined)?.range?.[0]
    } else if (typeof step === 'string' && isMap(node)) {
      const pair = pairOf(node, step)
      offset = isNode(pair?.key) ? pair.key.range?.[0] : undefined
      node = pair?.value
    } else {
      return null
    }
    if (node === undefined) return null
  }
  return offset === undefined ? null : counter.linePos(offset).line
}

/** The comments of a text: they are lost where only the document is kept. */
export function countComments(text: string): number {
  const doc = parseDocument(text, { keepSourceTokens: true })
  if (doc.errors.length > 0) return 0
  return doc.toString({ lineWidth: 0 }) === new Document(doc.toJS({ maxAliasCount: kMostAliases })).toString({ lineWidth: 0 }) ? 0 : (text.match(/(^|\s)#(?=[ \w!])/gm)?.length ?? 0)
}
