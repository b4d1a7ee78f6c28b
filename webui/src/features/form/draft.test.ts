import { expect, it } from 'vitest'
import { following, freshDraft, isConflict, isDirty, readDraft } from './draft'

const project = (form: unknown) => ({ document: { form, form_template: 't' } as never })
const texts = { form: 'a', template: 't' }

it('a draft follows what is saved until something is typed, and is a conflict then', () => {
  const draft = freshDraft(project([1]), texts)
  expect(isDirty(draft)).toBe(false)
  expect(following(draft, project([2]), { form: 'b', template: 't' }).texts.form).toBe('b')
  const typed = { ...draft, texts: { ...texts, form: 'mine' } }
  expect(following(typed, project([2]), { form: 'b', template: 't' })).toBe(typed)
  expect(isConflict(typed, project([2]))).toBe(true)
  expect(isConflict(typed, project([1]))).toBe(false)
})

it('a draft is remembered, and nonsense is not', () => {
  const draft = freshDraft(project([1]), texts)
  expect(readDraft(JSON.stringify(draft))).toEqual(draft)
  for (const kept of [null, '{', '{}', '{"base":"","saved":{},"texts":null}', 'null']) expect(readDraft(kept)).toBeNull()
})
