import { describe, expect, it } from 'vitest'
import type { ProjectFull } from '@/api/projects'
import { afterSaving, freshDraft, isConflict, isDirty, newNameIn, onTopOf, readDraft, withProject } from './draft'

function project(revision: number, name = 'vision'): ProjectFull {
  return { id: 'p1', name, revision, created_at: '', updated_at: '', text: null, document: { name, summary: `r${revision}` } as unknown as ProjectFull['document'] } as ProjectFull
}

describe('a draft', () => {
  it('begins as what is saved and follows it until something is typed', () => {
    const draft = withProject(null, project(1))
    expect(isDirty(draft)).toBe(false)
    expect(withProject(draft, project(2)).text).toContain('r2')
    const typed = { ...draft, text: 'name: vision\n' }
    expect(withProject(typed, project(2))).toBe(typed)
    expect(isConflict(typed, project(2))).toBe(true)
    expect(isConflict(typed, project(1))).toBe(false)
  })

  it('keeps what was typed, comments too, when it is saved, and what was typed meanwhile', () => {
    const sent = '# mine\nname: vision\n'
    const saved = afterSaving({ ...freshDraft(project(1)), text: sent }, sent, project(2))
    expect(saved.text).toBe(sent)
    expect(isDirty(saved)).toBe(false)
    expect(withProject(saved, project(2))).toBe(saved)
    expect(isDirty(afterSaving({ ...saved, text: `${sent}x` }, sent, project(2)))).toBe(true)
  })

  it('does not fall back to an older document that was read before it was saved', () => {
    const saved = afterSaving({ ...freshDraft(project(1)), text: 'a: 1\n' }, 'a: 1\n', project(2))
    expect(withProject(saved, project(1))).toBe(saved)
  })

  it("goes on top of somebody else's", () => {
    const mine = { ...freshDraft(project(1)), text: 'name: vision\nsummary: mine\n' }
    const next = onTopOf(mine, project(5))
    expect(next.revision).toBe(5)
    expect(next.text).toBe(mine.text)
    expect(isConflict(next, project(5))).toBe(false)
    expect(isDirty(next)).toBe(true)
  })

  it('begins as its author wrote it, comments too', () => {
    expect(freshDraft({ ...project(1), text: '# mine\nname: vision\n' }).text).toBe('# mine\nname: vision\n')
  })

  it('is read back only if it is one', () => {
    const draft = freshDraft(project(1))
    expect(readDraft(JSON.stringify(draft))).toEqual(draft)
    for (const bad of [null, '', '{', '{}', '[]', 'null', '{"revision":"1","saved":"","text":""}']) expect(readDraft(bad)).toBeNull()
  })

  it('may rename the project', () => {
    expect(newNameIn('name: other\n', 'vision')).toBe('other')
    expect(newNameIn('name: vision\n', 'vision')).toBeNull()
    expect(newNameIn('a: [', 'vision')).toBeNull()
  })
})
