import { describe, expect, it } from 'vitest'
import { hiddenIn, inputsOf, rangeText, readFields, typeText } from './fields'

const kText = `
- {name: epochs, label: Epochs, type: int16, value: 5, width: 33}
- {name: big, type: int64, value: 9007199254740993}
- {name: kind, type: select, value: a, options: [a, 2, true, {value: 3, label: Three}, a]}
- label: Inner
  type: group
  hidden: true
  elements:
  - {name: scales, type: list, listType: float, value: [0.5, 1]}
  - {type: group, elements: [{name: note, type: text, description: Say why}]}
- {name: odd, type: nothing}
- {type: int}
- {name: wide, type: bool, width: 900}
`

describe('the fields of a form', () => {
  it('are read with their types, defaults and options', () => {
    const inputs = inputsOf(readFields(kText))
    expect(inputs.map((each) => each.name)).toEqual(['epochs', 'big', 'kind', 'scales', 'note', 'wide'])
    expect(inputs[0]).toMatchObject({ label: 'Epochs', type: 'int16', value: 5n, width: 33 })
    expect(inputs[1]?.value).toBe(9007199254740993n)
    expect(inputs[2]?.options.map((each) => [each.key, each.label])).toEqual([
      ['"a"', 'a'],
      ['2', '2'],
      ['true', 'true'],
      ['3', 'Three'],
    ])
    expect(inputs[3]).toMatchObject({ listType: 'float', label: 'scales' })
    expect(inputs[4]).toMatchObject({ type: 'string', help: 'Say why' })
    expect(inputs[5]).toMatchObject({ type: 'boolean', width: 100 })
  })

  it('of hidden groups are hidden', () => expect(hiddenIn(readFields(kText)).map((each) => each.name)).toEqual(['scales', 'note']))

  it('say their types and ranges', () => {
    expect(inputsOf(readFields(kText)).map(typeText)).toEqual(['int16', 'int64', 'select', 'list of float', 'string', 'boolean'])
    expect(rangeText('int8')).toBe('-128 to 127')
    expect(rangeText('uint16')).toBe('0 to 65535')
    expect(rangeText('int64')).toBe('')
  })

  it.each(['', 'null', '{}', 'text', '- 1\n- [2]'])('are none in %j', (text) => expect(readFields(text)).toEqual([]))
  it('of a text that is no YAML are an error', () => expect(() => readFields('- {a')).toThrow())
})
