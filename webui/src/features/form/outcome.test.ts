import { expect, it } from 'vitest'
import type { Rendered } from './api'
import { marked, outcomeOf } from './outcome'

const fault = (path: string, line: number | null) => ({ path, message: 'wrong', line, column: line })
const answer = (given: Partial<Record<keyof Rendered, unknown>>) => ({ values: null, text: null, task: null, error: { message: 'it failed', details: [] }, dry_run: null, ...given }) as Rendered

it.each([
  ['fine', { error: null }],
  ['form', { error: { message: '', details: [fault('form[0].type', 2)] } }],
  ['values', { error: { message: '', details: [fault('epochs', null)] } }],
  ['values', {}],
  ['template', { values: { a: 1 } }],
  ['task', { values: { a: 1 }, text: 'x' }],
  ['submission', { values: { a: 1 }, text: 'x', task: {} }],
])('what went wrong is told by how far it came: %s', (stage, given) => expect(outcomeOf(answer(given)).stage).toBe(stage))

it('a message without places is one mark', () => expect(marked(outcomeOf(answer({ values: {} })))).toEqual([{ path: '', message: 'it failed', line: null, column: null }]))
