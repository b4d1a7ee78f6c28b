import { describe, expect, it } from 'vitest'
import type { Preview, WizardEntry } from './api'
import { answered, changedValues, iconOf, linkOf, partOf, placePreview, readAnswers, wrongSteps } from './wizard'

const kValues = `# All kinds
storage: {value: nowhere, wizard: {name: Storage, kind: cluster_storage}} # where
src: {value: '', revision: '', wizard: {kind: git}}
epochs: 5
`
const entry = (key: string, given: Partial<WizardEntry> = {}): WizardEntry => ({ key, name: key, kind: 'text', help: null, required: false, multiline: false, value: '', parts: {}, options: [], ...given })

describe('answers of a wizard', () => {
  it('are written into the values, whose comments stay', () => {
    const text = answered(answered(kValues, entry('src'), 'value', 'https://h/o/r'), entry('src'), 'revision', 'v1')
    expect(text).toContain('# All kinds')
    expect(text).toContain('# where')
    expect(changedValues(kValues, text)).toEqual({ src: { value: 'https://h/o/r', revision: 'v1' } })
  })
  it('are those that differ, also of values that nobody asks for', () => {
    expect(changedValues(kValues, kValues)).toEqual({})
    expect(changedValues(kValues, kValues.replace('epochs: 5', 'epochs: 6\nmore: [1]'))).toEqual({ epochs: 6, more: [1] })
    expect(changedValues(kValues, 'a: [')).toBeNull()
    expect(changedValues(kValues, '- 1')).toBeNull()
    expect(changedValues(kValues, '')).toEqual({})
  })
  it('show the default that the server chose until another is given', () => {
    const before = { storage: { value: 'nowhere' } }
    expect(partOf(entry('storage', { value: 'default' }), before, before, 'value')).toBe('default')
    expect(partOf(entry('storage', { value: 'default' }), before, { storage: { value: 'fast' } }, 'value')).toBe('fast')
    expect(partOf(entry('src', { parts: { revision: 'v1' } as never }), {}, {}, 'revision')).toBe('v1')
  })
  it('are remembered, and nonsense is not', () => {
    expect(readAnswers('{"name":"a","text":"b"}')).toEqual({ name: 'a', text: 'b' })
    for (const kept of [null, '{', 'null', '{"name":1}']) expect(readAnswers(kept)).toBeNull()
  })
})

describe('what is wrong', () => {
  const fault = (file: string, path: string, line: number | null = null) => ({ file, path, message: `${path} is wrong`, line, column: line })
  const preview = { faults: [fault('name', ''), fault('values', 'src.revision', 1), fault('values', 'none', 1), fault('project', 'tasks[0]', 4), fault('ml-templates/config.yaml', '', 2)] } as unknown as Preview
  it('goes to the step where it is mended', () => {
    const placed = placePreview(preview, kValues)
    expect(placed.at).toEqual({ 'src.revision': 'src.revision is wrong', none: 'none is wrong' })
    expect(placed.values.map((each) => each.line)).toEqual([3, null])
    expect(placed.project[0]?.line).toBe(4)
    expect(placed.others[0]?.path).toBe('ml-templates/config.yaml')
    expect(wrongSteps(placed, null, true)).toEqual(['name', 'config', 'install'])
    expect(wrongSteps(placePreview(undefined, ''), 'wrong', false)).toEqual(['name', 'values'])
  })
})

it('only pictures that came along are shown, and only addresses of the web are links', () => {
  expect(iconOf({ icon: 'data:image/svg+xml;base64,AA' })).not.toBeNull()
  expect(iconOf({ icon: 'https://host.example/a.png' })).toBeNull()
  expect(iconOf({ icon: 'data:text/html,x' })).toBeNull()
  expect(linkOf('javascript:alert(1)')).toBeNull()
  expect(linkOf('https://host.example')).not.toBeNull()
})
