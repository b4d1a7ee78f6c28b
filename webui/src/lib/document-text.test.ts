import { describe, expect, it } from 'vitest'
import { countComments, insertItem, lineOf, moveItem, parseText, removeItem, setField, writeText } from './document-text'

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
