import { describe, expect, it } from 'vitest'
import { adaptText, countComments, insertItem, lineOf, moveItem, parseText, removeItem, setField, writeText } from './document-text'

const kText = `# What it is.
name: vision
sources:
- {name: src, mount_path: /workspace/src, cluster_storage: default}
tasks:
# The first.
- name: train
  timeout: 10 # minutes
  resources:
  - name: worker
    workDir: $SRC_DIR
    command: python train.py
    limits: {cpu: 2, memory: 4Gi}
- name: export
  resources:
  - name: worker
    command: python export.py
`

describe('the text of a project', () => {
  it('is parsed, or its faults are told with line and column', () => {
    expect(parseText('name: x\n').value).toEqual({ name: 'x' })
    const broken = parseText('name: x\ntasks: [\n')
    expect(broken.value).toBeUndefined()
    expect(broken.faults[0]?.line).toBeGreaterThanOrEqual(2)
    expect(parseText('a: &a [x]\nb: *a\n').value).toEqual({ a: ['x'], b: ['x'] })
    expect(parseText('').value).toBeNull()
  })

  it('keeps everything else when a field changes', () => {
    expect(setField(kText, ['tasks', 0, 'timeout'], '15m')).toBe(kText.replace('timeout: 10 #', 'timeout: 15m #'))
    expect(setField(kText, ['tasks', 0, 'resources', 0, 'work_dir'], '$LIB_DIR')).toBe(kText.replace('workDir: $SRC_DIR', 'workDir: $LIB_DIR'))
    expect(setField(kText, ['tasks', 0, 'resources', 0, 'limits', 'cpu'], 4)).toBe(kText.replace('cpu: 2', 'cpu: 4'))
  })

  it('gains fields with the mappings that they need, and loses them with those that are empty then', () => {
    const more = setField(kText, ['tasks', 1, 'resources', 0, 'requests', 'memory'], '1Gi')
    expect(more).toContain('    command: python export.py\n    requests:\n      memory: 1Gi\n')
    expect(setField(more, ['tasks', 1, 'resources', 0, 'requests', 'memory'], undefined)).toBe(kText)
    expect(setField(kText, ['tasks', 1, 'resources', 0, 'requests', 'memory'], undefined)).toBe(kText)
  })

  it('quotes what would be read as something else', () => {
    const text = setField(kText, ['tasks', 1, 'resources', 0, 'env'], { A: '1.10', B: 'true', C: 'x: y # z', D: '' })
    expect((parseText(text).value as { tasks: { resources: { env: unknown }[] }[] }).tasks[1]!.resources[0]!.env).toEqual({ A: '1.10', B: 'true', C: 'x: y # z', D: '' })
    expect(setField('name: x\nreplicas: 2\n', ['replicas'], '2m')).toBe('name: x\nreplicas: 2m\n')
  })

  it('changes a copy where an alias stands', () => {
    const text = 'x-base: &base {cpu: 1}\nlimits: *base\nother: *base\n'
    expect(setField(text, ['limits', 'cpu'], 2)).toBe('x-base: &base {cpu: 1}\nlimits: {cpu: 2}\nother: *base\n')
  })

  it('has its lists added to, shortened and put in order, comments along', () => {
    const added = insertItem(kText, ['tasks'], 1, { name: 'test', resources: [{ name: 'a', command: 'b' }] })
    expect(parseText(added).value).toMatchObject({ tasks: [{ name: 'train' }, { name: 'test' }, { name: 'export' }] })
    expect(added).toContain('# What it is.')
    expect(removeItem(added, ['tasks'], 1)).toBe(kText)
    expect(moveItem(moveItem(kText, ['tasks'], 0, 1), ['tasks'], 1, -1)).toBe(kText)
    expect(moveItem(kText, ['tasks'], 0, -1)).toBe(kText)
    expect(insertItem('name: x\n', ['tasks'], 0, { name: 't' })).toBe('name: x\ntasks:\n  - name: t\n')
    expect(removeItem('name: x\ntasks:\n  - name: t\n', ['tasks'], 0)).toBe('name: x\n')
    expect(insertItem('name: x\ntasks: []\n', ['tasks'], 0, { name: 't' })).toBe('name: x\ntasks:\n  - name: t\n')
    expect(insertItem('', ['tasks'], 0, { name: 't' })).toBe('tasks:\n  - name: t\n')
  })

  it('says on which line something stands', () => {
    expect(lineOf(kText, ['tasks', 0])).toBe(7)
    expect(lineOf(kText, ['tasks', 0, 'resources', 0, 'work_dir'])).toBe(11)
    expect(lineOf(kText, ['tasks', 5])).toBeNull()
    expect(lineOf('a: [', ['a'])).toBeNull()
  })

  it('is left alone while it is no YAML', () => {
    expect(setField('a: [', ['a'], 1)).toBe('a: [')
  })

  it('is written with blocks for long texts, and has its comments counted', () => {
    expect(writeText({ name: 'x', summary: '# A\n\nB\n' })).toBe('name: x\nsummary: |\n  # A\n\n  B\n')
    expect(countComments(writeText({ name: 'x', summary: '# A\n\nB\n' }))).toBe(0)
    expect(countComments(kText)).toBe(3)
  })
})

describe('a text whose document was changed elsewhere', () => {
  const text = '# All of it\nname: vision # for now\nsources:\n# Code\n- name: src\n  git: https://host/a # ours\n- {name: data, cluster_storage: default}\ntasks:\n- name: train # slow\n  resources:\n  - name: worker\n    command: python train.py # it learns\n    replicas: 2\n'
  const document = {
    name: 'vision',
    sources: [{ name: 'src', git: { repository: 'https://host/a' } }, { name: 'data', cluster_storage: 'default' }],
    tasks: [{ name: 'train', resources: [{ name: 'worker', command: 'python train.py', replicas: 2 }] }],
  }
  const change = (after: object) => adaptText(text, document, { ...document, ...after })

  it('stays as it is where nothing changed', () => {
    expect(change({})).toBe(text)
  })
  it('has a field changed, added and taken out', () => {
    expect(change({ name: 'sight' })).toBe(text.replace('name: vision #', 'name: sight #'))
    expect(change({ summary: 'It sees.' })).toBe(`${text}summary: It sees.\n`)
    const without = { name: document.name, tasks: document.tasks }
    expect(parseText(adaptText(text, document, without)).value).toEqual({ ...(parseText(text).value as object), sources: undefined })
  })
  it('has one value changed deep within, the comments around it staying', () => {
    expect(change({ tasks: [{ name: 'train', resources: [{ name: 'worker', command: 'python train.py', replicas: 3 }] }] })).toBe(text.replace('replicas: 2', 'replicas: 3'))
  })
  it('has an item taken out, put in, moved and renamed', () => {
    const [src, data] = document.sources
    expect(change({ sources: [src] })).toBe(text.replace('- {name: data, cluster_storage: default}\n', ''))
    expect(change({ sources: [src, data, { name: 'more', cluster_storage: 'big' }] })).toContain('- {name: data, cluster_storage: default}\n- name: more\n  cluster_storage: big\n')
    expect(parseText(change({ sources: [data, src] })).value).toMatchObject({ sources: [{ name: 'data' }, { name: 'src', git: 'https://host/a' }] })
    expect(change({ sources: [{ ...src, name: 'code' }, data] })).toBe(text.replace('name: src', 'name: code'))
  })
  it('has what is written in another way than the document written anew', () => {
    const changed = change({ sources: [{ name: 'src', git: { repository: 'https://host/a', revision: 'v1' } }, document.sources[1]] })
    expect(parseText(changed).value).toMatchObject({ sources: [{ name: 'src', git: { repository: 'https://host/a', revision: 'v1' } }, { name: 'data' }] })
    expect(changed).toContain('# it learns')
  })
})
