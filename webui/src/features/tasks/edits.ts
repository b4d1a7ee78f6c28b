import { editText, insertItem, moveItem, parseText, removeItem, setField, setIn, type Path } from '@/lib/document-text'
import { fieldsOf, freshName, listOf, readProject, scalarText, type ProjectModel } from '@/lib/project-document'

/** Where a task or one of its resources stands in the document. */
export interface Place {
  task: number
  resource?: number
}

export function pathOf(place: Place): Path {
  return place.resource === undefined ? ['tasks', place.task] : ['tasks', place.task, 'resources', place.resource]
}

function listPathOf(place: Place): Path {
  return place.resource === undefined ? ['tasks'] : ['tasks', place.task, 'resources']
}

function indexOf(place: Place): number {
  return place.resource ?? place.task
}

function model(text: string): ProjectModel {
  return readProject(parseText(text).value)
}

export interface Made {
  text: string
  task: string
  resource?: string
}

/** A new task with one resource, after the last. */
export function addTask(text: string): Made {
  const { tasks } = model(text)
  const name = freshName('task', tasks.map((task) => task.name))
  const made = { name, resources: [{ name: 'worker', command: 'echo "Hello from $TASK_NAME"' }] }
  return { text: insertItem(text, ['tasks'], tasks.length, made), task: name, resource: 'worker' }
}

/** A new resource of a task, after its last. */
export function addResource(text: string, task: number): Made {
  const owner = model(text).tasks[task]
  const names = owner?.resources.map((resource) => resource.name) ?? []
  const name = freshName('worker', names)
  return { text: insertItem(text, ['tasks', task, 'resources'], names.length, { name, command: 'echo "Hello from $PINTLE_REPLICA"' }), task: owner?.name ?? '', resource: name }
}

/** A copy right behind, under a fresh name. */
export function duplicate(text: string, place: Place): Made {
  const { tasks } = model(text)
  const owner = tasks[place.task]
  const siblings = place.resource === undefined ? tasks.map((task) => task.name) : (owner?.resources.map((resource) => resource.name) ?? [])
  const index = indexOf(place)
  const name = freshName(siblings[index] ?? '', siblings)
  const held = valueAt(text, pathOf(place))
  const copy = { ...fieldsOf(held), name }
  const after = insertItem(text, listPathOf(place), index + 1, copy)
  return place.resource === undefined ? { text: after, task: name } : { text: after, task: owner?.name ?? '', resource: name }
}

function valueAt(text: string, path: Path): unknown {
  let value = parseText(text).value
  for (const step of path) {
    if (typeof step === 'number') value = listOf(value)[step]
    else value = Object.entries(fieldsOf(value)).find(([key]) => key.replace(/[_-]/g, '').toLowerCase() === step.replace(/[_-]/g, ''))?.[1]
  }
  return value
}

/** The variables that replicas know a resource by: `WORKER_NODES` and `WORKER_HOSTS`. */
export function variablesOf(resource: string): string[] {
  const stem = resource.toUpperCase().replace(/-/g, '_')
  return [`${stem}_NODES`, `${stem}_HOSTS`]
}

const kMentioning = ['command', 'args', 'work_dir', 'requirements'] as const

function renamedIn(text: string, from: string, to: string): string {
  const [oldNodes, oldHosts] = variablesOf(from)
  const [newNodes, newHosts] = variablesOf(to)
  const inside = (name: string | undefined) => new RegExp(`(?<![A-Za-z0-9_])${name}(?![A-Za-z0-9_])`, 'g')
  return text.replace(inside(oldNodes), newNodes ?? '').replace(inside(oldHosts), newHosts ?? '')
}

export interface Renamed {
  text: string
  /** In how many fields the resource's variables were renamed too. */
  mentions: number
}

/** Gives a task or resource another name; commands of the task that use a resource's variables follow. */
export function rename(text: string, place: Place, name: string): Renamed {
  const owner = model(text).tasks[place.task]
  const before = place.resource === undefined ? owner?.name : owner?.resources[place.resource]?.name
  let after = setField(text, [...pathOf(place), 'name'], name)
  if (place.resource === undefined || !owner || before === undefined || before === '' || name === '' || before === name) return { text: after, mentions: 0 }
  let mentions = 0
  const follow = (path: Path, value: unknown) => {
    if (typeof value !== 'string') return
    const renamed = renamedIn(value, before, name)
    if (renamed === value) return
    ++mentions
    after = setField(after, path, renamed)
  }
  owner.resources.forEach((resource, index) => {
    const path = pathOf({ task: place.task, resource: index })
    for (const field of kMentioning) follow([...path, field], resource.fields[field])
    for (const [key, value] of Object.entries(fieldsOf(resource.fields.env))) follow([...path, 'env', key], value)
  })
  return { text: after, mentions }
}

export interface Removed {
  text: string
  /** Brings it back, into whatever the text has become meanwhile. */
  undo: (now: string) => string
}

/** Takes a task or resource out. */
export function remove(text: string, place: Place): Removed {
  const held = valueAt(text, pathOf(place))
  const after = removeItem(text, listPathOf(place), indexOf(place), place.resource !== undefined)
  return { text: after, undo: (now) => (now === after ? text : insertItem(now, listPathOf(place), indexOf(place), held)) }
}

export function move(text: string, place: Place, by: number): string {
  return moveItem(text, listPathOf(place), indexOf(place), by)
}

/** What is typed into a field as the document has it: whole numbers as numbers where the field is one, nothing as no field. */
export function setText(text: string, path: Path, typed: string, numeric = false): string {
  if (typed === '') return setField(text, path, undefined)
  return setField(text, path, numeric && /^(0|[1-9]\d{0,14})$/.test(typed) ? Number(typed) : typed)
}

/** A flag; one that says what would hold without it is left out. */
export function setFlag(text: string, path: Path, value: boolean, otherwise: boolean): string {
  return setField(text, path, value === otherwise ? undefined : value)
}

export interface Variable {
  name: string
  value: string
}

/** Environment variables, whichever way they are written. */
export function readVariables(env: unknown): Variable[] {
  if (Array.isArray(env)) return env.map((each) => ({ name: scalarText(fieldsOf(each).name), value: scalarText(fieldsOf(each).value) }))
  return Object.entries(fieldsOf(env)).map(([name, value]) => ({ name, value: scalarText(value) }))
}

/** As a mapping; as a list while two have the same name, so that the server can say so. */
export function writeVariables(variables: readonly Variable[]): unknown {
  if (variables.length === 0) return undefined
  const names = variables.map((each) => each.name)
  if (new Set(names).size < names.length || names.includes('')) return variables.map((each) => ({ name: each.name, value: each.value }))
  return Object.fromEntries(variables.map((each) => [each.name, each.value]))
}

/** Both images at once: `image` is short for the one without GPUs. */
export function setImages(text: string, resource: Path, cpu: string, gpu: string): string {
  return editText(text, (doc) => {
    setIn(doc, [...resource, 'image'], gpu === '' && cpu !== '' ? cpu : undefined)
    setIn(doc, [...resource, 'images'], gpu === '' ? undefined : cpu === '' ? { gpu } : { cpu, gpu })
  })
}

export function readImages(fields: Readonly<Record<string, unknown>>): { cpu: string; gpu: string } {
  const images = fieldsOf(fields.images)
  return { cpu: scalarText(fields.image) || scalarText(images.cpu), gpu: scalarText(images.gpu) }
}
