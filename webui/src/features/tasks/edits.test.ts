import { describe, expect, it } from 'vitest'
import { parseText, setField } from '@/lib/document-text'
import { readProject } from '@/lib/project-document'
import { addResource, addTask, duplicate, move, readImages, readVariables, remove, rename, setFlag, setImages, setText, writeVariables } from './edits'

const kText = `name: vision
tasks:
  # Two roles.
  - name: parallel
    resources:
      - name: ps
        command: python server.py --port 2222
        is_permanent: true
      - name: worker
        command: python train.py --ps $PS_NODES --me \${WORKER_NODES} --not $MY_PS_NODES
        env:
          PEERS: "{{.PS_HOSTS}}"
  - name: export
    resources:
      - name: worker
        command: python export.py $PS_NODES
`

const names = (text: string) => readProject(parseText(text).value).tasks.map((task) => `${task.name}:${task.resources.map((each) => each.name).join(',')}`)

describe('tasks', () => {
  it('are added with a resource, and a resource to them, under fresh names', () => {
    const one = addTask('name: x\n')
    expect(names(one.text)).toEqual(['task:worker'])
    const two = addTask(one.text)
    expect(two.task).toBe('task-2')
    const three = addResource(two.text, 0)
    expect(names(three.text)).toEqual(['task:worker,worker-2', 'task-2:worker'])
    expect(three).toMatchObject({ task: 'task', resource: 'worker-2' })
  })

  it('are duplicated right behind', () => {
    expect(names(duplicate(kText, { task: 0 }).text)).toEqual(['parallel:ps,worker', 'parallel-2:ps,worker', 'export:worker'])
    const copied = duplicate(kText, { task: 0, resource: 0 })
    expect(names(copied.text)).toEqual(['parallel:ps,ps-2,worker', 'export:worker'])
    expect(copied.text).toContain('# Two roles.')
  })

  it('are renamed, and the variables of a renamed resource within its task', () => {
    expect(names(rename(kText, { task: 1 }, 'pack').text)[1]).toBe('pack:worker')
    const renamed = rename(kText, { task: 0, resource: 0 }, 'my-server')
    expect(renamed.mentions).toBe(2)
    expect(renamed.text).toContain('--ps $MY_SERVER_NODES --me ${WORKER_NODES} --not $MY_PS_NODES')
    expect(renamed.text).toContain('PEERS: "{{.MY_SERVER_HOSTS}}"')
    expect(renamed.text).toContain('python export.py $PS_NODES')
  })

  it('are removed and come back, whatever happened meanwhile', () => {
    const removed = remove(kText, { task: 0 })
    expect(names(removed.text)).toEqual(['export:worker'])
    expect(removed.undo(removed.text)).toBe(kText)
    expect(names(removed.undo(addTask(removed.text).text))).toEqual(['parallel:ps,worker', 'export:worker', 'task:worker'])
    const last = remove(kText, { task: 1, resource: 0 })
    expect(names(last.text)).toEqual(['parallel:ps,worker', 'export:'])
    expect(last.undo(last.text)).toBe(kText)
  })

  it('change their order', () => {
    expect(names(move(kText, { task: 0 }, 1))).toEqual(['export:worker', 'parallel:ps,worker'])
    expect(names(move(kText, { task: 0, resource: 1 }, -1))[0]).toBe('parallel:worker,ps')
    expect(move(kText, { task: 0 }, -1)).toBe(kText)
  })
})

describe('fields', () => {
  it('hold numbers as numbers, texts as texts, and nothing as no field', () => {
    const path = ['tasks', 0, 'resources', 0, 'replicas']
    expect(setText('tasks: [{resources: [{}]}]\n', path, '2', true)).toBe('tasks: [{resources: [{replicas: 2}]}]\n')
    expect(setText('tasks: [{resources: [{}]}]\n', path, 'two', true)).toBe('tasks: [{resources: [{replicas: two}]}]\n')
    expect(setText('a: {b: 007}\n', ['a', 'b'], '007', true)).toBe('a: {b: "007"}\n')
    expect(setText('a: 1\nb: x\n', ['b'], '')).toBe('a: 1\n')
    expect(setFlag('a: 1\n', ['f'], true, false)).toBe('a: 1\nf: true\n')
    expect(setFlag('a: 1\nf: true\n', ['f'], false, false)).toBe('a: 1\n')
  })

  it('read variables however they are written, and keep two of one name apart', () => {
    expect(readVariables({ A: 1, B: 'x' })).toEqual([{ name: 'A', value: '1' }, { name: 'B', value: 'x' }])
    expect(readVariables([{ name: 'A', value: true }, 'x'])).toEqual([{ name: 'A', value: 'true' }, { name: '', value: '' }])
    expect(writeVariables([{ name: 'A', value: '1.10' }])).toEqual({ A: '1.10' })
    expect(writeVariables([{ name: 'A', value: '1' }, { name: 'A', value: '2' }])).toHaveLength(2)
    expect(writeVariables([])).toBeUndefined()
    expect(Object.keys(writeVariables([{ name: '__proto__', value: 'x' }]) as object)).toEqual(['__proto__'])
  })

  it('write one image short and two in full', () => {
    const text = 'tasks: [{resources: [{name: a}]}]\n'
    const resource = ['tasks', 0, 'resources', 0]
    const one = setImages(text, resource, 'img', '')
    expect(one).toBe('tasks: [{resources: [{name: a, image: img}]}]\n')
    const both = setImages(one, resource, 'img', 'gpu')
    expect(readImages((readProject(parseText(both).value).tasks[0]?.resources[0]?.fields ?? {}))).toEqual({ cpu: 'img', gpu: 'gpu' })
    expect(setImages(setField(both, [...resource, 'name'], 'a'), resource, '', '')).toBe(text)
  })
})
