import { expect, it } from 'vitest'
import { headline, likelyProjects } from './recent-projects'

const project = (name: string, updated_at: string, live = 0) => ({ name, updated_at, jobs: { live, total: live } })

it('puts projects with live jobs first, then what changed last', () => {
  const projects = [project('old', '2026-01-01'), project('new', '2026-03-01'), project('busy', '2025-01-01', 2)]
  expect(likelyProjects(projects, 2).map((each) => each.name)).toEqual(['busy', 'new'])
})

it('names how good a result is before anything else that was reported', () => {
  expect(headline({ epochs: 3, loss: 0.2, accuracy: 0.9, zeal: 1 }).map(([name]) => name)).toEqual(['accuracy', 'loss', 'epochs'])
  expect(headline({})).toEqual([])
})
