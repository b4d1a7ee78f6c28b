import { describe, expect, it } from 'vitest'
import { parseExact } from '@/lib/document-text'
import { inputsOf, readFields, type InputField } from './fields'
import { faultOf, filledFrom, initialOf, isOnlyMissing, pastedRows, placeFaults, readFilled, requestOf, shownOf, uploadsIn, withUpload, type Filled, type TypedField } from './values'

function one(text: string): InputField {
  const field = inputsOf(readFields(`- {name: x, ${text}}`))[0]
  if (!field) throw new Error('no field')
  return field
}

describe('a control at first', () => {
  it.each<[string, TypedField]>([
    ['type: int', '0'],
    ['type: int, value: 7', '7'],
    ['type: int, required: true', ''],
    ['type: float, value: 1', '1'],
    ['type: float, value: 1e-5', '0.00001'],
    ['type: boolean', false],
    ['type: select, options: [a, b]', '"a"'],
    ['type: select, options: [a, b], value: b', '"b"'],
    ['type: select, options: [a, b], required: true', ''],
    ['type: string', ''],
    ['type: byte', null],
    ['type: list, list_type: int, value: [1, 2]', ['1', '2']],
    ['type: list, list_type: int', []],
    ['type: int, value: oops', '0'],
  ])('of {%s} shows %j', (text, shown) => expect(initialOf(one(text))).toEqual(shown))
})

describe('what is wrong at once', () => {
  it.each<[string, TypedField, string | null]>([
    ['type: int8', '127', null],
    ['type: int8', '128', 'expected a whole number from -128 to 127'],
    ['type: uint8', '-1', 'expected a whole number from 0 to 255'],
    ['type: uint16', '65536', 'expected a whole number from 0 to 65535'],
    ['type: int64', '9223372036854775807', null],
    ['type: int64', '9223372036854775808', 'expected a whole number from -9223372036854775808 to 9223372036854775807'],
    ['type: int', '1.5', 'expected a whole number'],
    ['type: int', '', 'expected a whole number'],
    ['type: float', '0,5', 'expected a number, such as 0.5'],
    ['type: float', '1e39', 'is too large for a float'],
    ['type: double', '1e39', null],
    ['type: double', '1e999', 'expected a finite number'],
    ['type: string, required: true', '', 'is required'],
    ['type: string', 'a\nb', 'has a line break; the field takes one line'],
    ['type: string, multiline: true', 'a\nb', null],
    ['type: string', 'é'.repeat(40_000), 'is too long: a text has at most 64 KiB'],
    ['type: select, options: [a]', '"b"', 'choose one'],
    ['type: list, list_type: int8', ['1', '', '200'], 'value 3: expected a whole number from -128 to 127'],
    ['type: list, list_type: int8, required: true', [''], 'is required'],
    ['type: byte', { token: 't', id: null, name: 'a', size: 1 }, 'is being sent'],
    ['type: byte, required: true', null, 'is required'],
  ])('{%s} with %j', (text, typed, fault) => expect(faultOf(one(text), typed)).toBe(fault))

  it('is not told before somebody was there when a field is only empty', () => {
    expect(isOnlyMissing(one('type: string, required: true'), '')).toBe(true)
    expect(isOnlyMissing(one('type: int'), 'x')).toBe(false)
    expect(isOnlyMissing(one('type: string'), '')).toBe(false)
  })
})

describe('what is sent', () => {
  const inputs = inputsOf(
    readFields(`
- {name: epochs, type: int, value: 5}
- {name: rate, type: float, value: 0.1}
- {name: kind, type: select, options: [a, 2]}
- {name: big, type: int64}
- {name: seeds, type: list, list_type: int64}
- {name: data, type: byte}
- {name: files, type: list, list_type: byte}`),
  )
  it('is what was changed', () => {
    expect(requestOf(inputs, {})).toEqual({ values: {} })
    expect(requestOf(inputs, { epochs: ' 7 ', rate: '1', kind: '2', seeds: ['1', '', '+2'] })).toEqual({ values: { epochs: 7, rate: 1, kind: 2, seeds: [1, 2] } })
  })
  it('keeps whole numbers exact', () => {
    expect(requestOf(inputs, { big: '9007199254740993', seeds: ['1', '-9007199254740993'] })).toEqual({ values: {}, texts: { big: '9007199254740993', seeds: '[1,-9007199254740993]' } })
  })
  it('names the job whose files are used again', () => {
    const { filled } = filledFrom(inputs, { data: 'file-1', epochs: 5n, big: 9007199254740993n }, () => 'a.csv')
    expect(filled).toEqual({ data: { token: 'file-1', id: 'file-1', name: 'a.csv', size: null }, big: '9007199254740993' })
    expect(requestOf(inputs, filled, 'job-1')).toEqual({ values: { data: 'file-1' }, texts: { big: '9007199254740993' }, from_job: 'job-1' })
  })
  it('leaves out what no field takes any more', () => {
    expect(filledFrom(inputs, parseExact('{"epochs": 3, "gone": 1, "kind": "c", "seeds": 4}') as Record<string, unknown>, () => '')).toEqual({ filled: { epochs: '3' }, lost: ['gone', 'kind', 'seeds'] })
    expect(requestOf(inputs, { gone: '1' })).toEqual({ values: {} })
  })
})

describe('what stands in the form', () => {
  it('is the default again when the field became another kind', () => {
    expect(shownOf(one('type: boolean, value: true'), { x: '5' })).toBe(true)
    expect(shownOf(one('type: list, list_type: int, value: [1]'), { x: '5' })).toEqual(['1'])
  })

  const filled: Filled = { data: { token: 'a', id: null, name: 'a', size: 1 }, files: [{ token: 'b', id: '2', name: 'b', size: 2 }, null], n: '1' }
  it('has uploads that change where they are', () => {
    expect(uploadsIn(filled).map((each) => each.token)).toEqual(['a', 'b'])
    expect(withUpload(filled, 'a', (upload) => ({ ...upload, id: '1' })).data).toMatchObject({ id: '1' })
    expect(withUpload(filled, 'b', () => undefined).files).toEqual([null])
  })
  it('is remembered without what was on its way', () => {
    expect(readFilled(JSON.stringify({ job: 'j', filled }))).toEqual({ job: 'j', filled: { ...filled, data: null } })
    expect(readFilled('{')).toEqual({ job: null, filled: {} })
    expect(readFilled(null)).toEqual({ job: null, filled: {} })
  })
})

describe('rows that are pasted', () => {
  it.each<[string, 'int' | 'string', string[]]>([
    ['1, 2,3', 'int', ['1', '2', '3']],
    ['[0.5, 1]', 'int', ['0.5', '1']],
    ['1\n2\n', 'int', ['1', '2']],
    ['a, b', 'string', ['a, b']],
    ['a\nb', 'string', ['a', 'b']],
  ])('%j of %s are %j', (text, type, rows) => expect(pastedRows(text, type)).toEqual(rows))
})

it('the server’s faults go to their fields, and what is about none of them is left over', () => {
  const fault = (path: string, message: string) => ({ path, message, line: null, column: null })
  expect(placeFaults([fault('a', 'x'), fault('a', 'y'), fault('hidden', 'z')], ['a'])).toEqual({ at: { a: 'x; y' }, others: [fault('hidden', 'z')] })
})
