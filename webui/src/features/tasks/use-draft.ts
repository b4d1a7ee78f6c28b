import { useCallback, useEffect, useRef, useState } from 'react'
import type { ProjectFull } from '@/api/projects'
import { countComments } from '@/lib/document-text'
import { keepForTab, readForTab } from '@/lib/kept'
import { isDirty, keyOf, readDraft, withProject, type Draft } from './draft'

/** The draft of a project in this tab: follows the server while nothing is typed, and survives a reload. */
export function useDraft(user: string, project: ProjectFull) {
  const key = keyOf(user, project.id)
  const [held, setHeld] = useState<Draft>(() => withProject(readDraft(readForTab(key)), project))
  const draft = withProject(held, project)
  if (draft !== held) setHeld(draft)
  const latest = useRef(draft)
  useEffect(() => {
    latest.current = draft
    // A very long text is kept here for its comments: then the server has the document alone.
    const lost = project.text === null && countComments(draft.text) > 0
    keepForTab(key, isDirty(draft) || lost ? JSON.stringify(draft) : null)
  }, [draft, key, project.text])
  const change = useCallback((next: (draft: Draft) => Draft) => {
    latest.current = next(latest.current)
    setHeld(latest.current)
  }, [])
  /** What it is at this moment, for what happens between two pictures. */
  const now = useCallback(() => latest.current, [])
  return { draft, change, now }
}
